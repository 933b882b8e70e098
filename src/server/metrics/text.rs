//! The older text format, which `promtool check metrics` and everything that can read metrics at all
//! understands. It differs from `OpenMetrics` in the comments: counters are named with their `_total`,
//! and there are no units and no end mark.

/// The older format for a text in `OpenMetrics`.
pub(super) fn classic(open: &str) -> String {
    let mut text = String::with_capacity(open.len());
    let mut help = None;
    for line in open.lines() {
        let mut words = line.splitn(4, ' ');
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some("#"), Some("HELP"), Some(name), Some(words)) => help = Some((name, words)),
            (Some("#"), Some("TYPE"), Some(name), Some(kind)) => {
                let total = if kind == "counter" { "_total" } else { "" };
                if let Some((_, words)) = help.take().filter(|(of, _)| *of == name) {
                    push(&mut text, &["# HELP ", name, total, " ", words]);
                }
                push(&mut text, &["# TYPE ", name, total, " ", kind]);
            }
            (Some("#"), ..) => {}
            _ => push(&mut text, &[line]),
        }
    }
    text
}

fn push(text: &mut String, parts: &[&str]) {
    text.extend(parts.iter().copied());
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::classic;

    #[test]
    fn comments_are_rewritten_and_samples_stay() {
        let open = "# HELP a_seconds What it is.\n# TYPE a_seconds counter\n# UNIT a_seconds seconds\n\
                    a_seconds_total{b=\"# c d e\"} 1\n# HELP g G.\n# TYPE g gauge\ng 2\n# EOF\n";
        let expected = "# HELP a_seconds_total What it is.\n# TYPE a_seconds_total counter\n\
                        a_seconds_total{b=\"# c d e\"} 1\n# HELP g G.\n# TYPE g gauge\ng 2\n";
        assert_eq!(classic(open), expected);
    }
}
