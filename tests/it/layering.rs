//! Holds the import rules by reading the source: who may import whom, who may print, and
//! that neither the modules at the top nor the parts of one of them form a cycle.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What each module at the top may import. `lib.rs` and `main.rs` put things together and are free.
const MAY_IMPORT: [(&str, &[&str]); 10] = [
    ("domain", &[]),
    ("net", &["domain"]),
    ("engine", &["domain", "net"]),
    ("local", &["engine", "net"]),
    ("settings", &["domain", "net"]),
    ("client", &["domain", "net"]),
    ("archive", &["domain"]),
    ("app", &["archive", "client", "domain", "settings"]),
    ("server", &["app", "domain", "net"]),
    (
        "cli",
        &["app", "archive", "client", "domain", "engine", "local", "net", "server", "settings"],
    ),
];

/// The modules at the top whose parts (what stands directly in their folder) form no cycle either, but
/// for the imports in [`IN_A_CYCLE`].
const WITHOUT_CYCLES: [&str; 8] =
    ["app", "cli", "client", "domain", "engine", "local", "server", "settings"];

/// Imports between parts of a module that close a cycle: to be undone, and never to become more.
const IN_A_CYCLE: [(&str, &str, &str); 0] = [];

/// Words that write to the process's own streams.
const PRINTERS: [&str; 6] = ["println", "eprintln", "print", "eprint", "stdout", "stderr"];

/// The only places that print.
const MAY_PRINT: [&str; 3] = ["cli/output/", "cli/output.rs", "main.rs"];

/// A file of `src/`, by its path there.
struct Source {
    path: String,
    text: String,
}

impl Source {
    fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// The module at the top that the file belongs to; `None` for `lib.rs` and `main.rs`.
    fn module(&self) -> Option<&str> {
        let (first, rest) = self.path.split_once('/').unwrap_or((&self.path, ""));
        match first.strip_suffix(".rs") {
            Some("lib" | "main") if rest.is_empty() => None,
            Some(name) => Some(name),
            None => Some(first),
        }
    }

    /// The path of the file's module below the crate, such as `settings::credentials`.
    fn module_path(&self) -> Vec<&str> {
        let path = self.path.trim_end_matches(".rs");
        let path = path.strip_suffix("/mod").unwrap_or(path);
        path.split('/').filter(|name| !["lib", "main"].contains(name)).collect()
    }

    /// What the file names by a path from the crate or from its own place, as paths below the crate.
    /// Where a `use` gives another name, that is the last one.
    fn named(&self) -> Vec<Vec<&str>> {
        let tokens = tokens(&self.text);
        let mut place = self.module_path();
        // The depths of braces at which modules inside the file begin.
        let (mut depth, mut inside) = (0, Vec::new());
        let mut found = Vec::new();
        for (at, token) in tokens.iter().enumerate() {
            let begins = at == 0 || !["::", "."].contains(&tokens[at - 1]);
            match *token {
                "{" => depth += 1,
                "}" => {
                    depth -= 1;
                    if inside.pop_if(|begun| *begun == depth).is_some() {
                        place.pop();
                    }
                }
                "mod" if tokens.get(at + 2) == Some(&"{") => {
                    place.push(tokens[at + 1]);
                    inside.push(depth);
                }
                "crate" | "qwenctl" | "super" | "self"
                    if begins && tokens.get(at + 1) == Some(&"::") =>
                {
                    let (start, at) = start(&tokens, at, &place);
                    branches(&tokens, at, &start, &mut found);
                }
                _ => {}
            }
        }
        found
    }

    /// The other modules at the top that the file names, by whatever path.
    fn imports(&self) -> BTreeSet<&str> {
        let named = self.named();
        let tops = named.iter().filter_map(|path| path.first().copied());
        tops.filter(|top| Some(*top) != self.module()).collect()
    }

    fn prints(&self) -> Option<&'static str> {
        if MAY_PRINT.iter().any(|place| self.path.starts_with(place)) {
            return None;
        }
        let tokens = tokens(&self.text);
        PRINTERS.into_iter().find(|printer| {
            (0..tokens.len()).any(|at| tokens[at] == *printer && is_printing(&tokens, at))
        })
    }
}

/// Whether the word at `at` is a printing macro or gets one of the process's streams. Asking a
/// stream whether it is a terminal is not printing, and `.stdout(…)` is about a child process.
fn is_printing(tokens: &[&str], at: usize) -> bool {
    let after = &tokens[at + 1..];
    let method = at > 0 && tokens[at - 1] == ".";
    match after {
        ["!", ..] => !tokens[at].starts_with("std"),
        ["(", ")", ".", "is_terminal", ..] => false,
        ["(", ..] => tokens[at].starts_with("std") && !method,
        _ => false,
    }
}

/// Where the path at `at` starts, and what comes next: `super::super::x` in `place` climbs out of it
/// twice.
fn start<'a>(tokens: &[&'a str], mut at: usize, place: &[&'a str]) -> (Vec<&'a str>, usize) {
    let mut start = match tokens[at] {
        "crate" | "qwenctl" => Vec::new(),
        _ => place.to_vec(),
    };
    while let (Some(word), Some(&"::")) = (tokens.get(at), tokens.get(at + 1)) {
        match *word {
            "super" => drop(start.pop()),
            "self" | "crate" | "qwenctl" => {}
            _ => break,
        }
        at += 2;
    }
    (start, at)
}

/// Adds the paths that go on at `at` from `start`: one, or all those of a group in braces. Returns
/// where they end.
fn branches<'a>(
    tokens: &[&'a str],
    mut at: usize,
    start: &[&'a str],
    found: &mut Vec<Vec<&'a str>>,
) -> usize {
    if tokens.get(at) == Some(&"{") {
        while !matches!(tokens.get(at), None | Some(&"}")) {
            at = branches(tokens, at + 1, start, found);
        }
        return at + 1;
    }
    let Some(name) = tokens.get(at).filter(|name| is_word(name) || **name == "*") else {
        return at;
    };
    let path = if *name == "self" { start.to_vec() } else { [start, &[*name]].concat() };
    match tokens.get(at + 1..) {
        Some(["::", next, ..]) if *next == "{" || *next == "*" || is_word(next) => {
            branches(tokens, at + 2, &path, found)
        }
        Some(["as", other, ..]) => {
            found.push([&path, &[*other][..]].concat());
            at + 3
        }
        _ => {
            found.push(path);
            at + 1
        }
    }
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphanumeric() || c == '_')
}

/// Words, `::` and single signs of Rust source; comments, strings and characters are left out.
fn tokens(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let (length, counts) = token_length(rest);
        if counts {
            found.push(&rest[..length]);
        }
        at += length;
    }
    found
}

/// How long the token at the start of `rest` is, and whether it is code.
fn token_length(rest: &str) -> (usize, bool) {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let first = rest.chars().next().unwrap_or(' ');
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), false);
    }
    if rest.starts_with("/*") {
        return (block_comment(rest), false);
    }
    if let Some(length) = string_length(rest) {
        return (length, false);
    }
    if first == '\'' {
        return (character_length(rest), false);
    }
    if rest.starts_with("::") {
        return (2, true);
    }
    if word(first) {
        return (rest.find(|c| !word(c)).unwrap_or(rest.len()), true);
    }
    (first.len_utf8(), !first.is_whitespace())
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        match &rest.as_bytes()[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// The length of the string literal at the start of `rest`, in any of its forms.
fn string_length(rest: &str) -> Option<usize> {
    let body = rest.strip_prefix('b').or_else(|| rest.strip_prefix('c')).unwrap_or(rest);
    let prefix = rest.len() - body.len();
    if let Some(raw) = body.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let opened = raw[hashes..].strip_prefix('"')?;
        let end = format!("\"{}", "#".repeat(hashes));
        let length = opened.find(&end).map_or(opened.len(), |found| found + end.len());
        return Some(prefix + 1 + hashes + 1 + length);
    }
    let opened = body.strip_prefix('"')?;
    let mut escaped = false;
    for (at, c) in opened.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(prefix + 1 + at + 1),
            _ => {}
        }
    }
    Some(rest.len())
}

/// A character literal, or the sign alone where a lifetime begins.
fn character_length(rest: &str) -> usize {
    let mut characters = rest.char_indices().skip(1);
    match (characters.next(), characters.next()) {
        (Some((_, '\\')), Some(_)) => {
            rest[3..].find('\'').map_or(rest.len(), |found| 3 + found + 1)
        }
        (Some(_), Some((end, '\''))) => end + 1,
        _ => 1,
    }
}

/// Every rule that is broken, one sentence each.
fn violations(sources: &[Source]) -> Vec<String> {
    let modules: BTreeSet<&str> = sources.iter().filter_map(Source::module).collect();
    let mut found = Vec::new();
    let mut graph: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for source in sources {
        if let Some(printer) = source.prints() {
            found.push(format!("{} prints with `{printer}`", source.path));
        }
        let Some(module) = source.module() else { continue };
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == module) else {
            found.push(format!("`{module}` has no row in the import rules"));
            continue;
        };
        let named = source.imports();
        for other in modules.iter().filter(|other| named.contains(*other)) {
            graph.entry(module).or_default().insert(other);
            if !allowed.contains(other) {
                found.push(format!("{} imports `{other}`", source.path));
            }
        }
    }
    found.extend(cycle(&graph).map(|cycle| format!("a cycle: {}", cycle.join(" -> "))));
    found
}

/// Which parts of the module at the top `whole` name which others, be it through a name that `whole`
/// takes from them.
fn parts<'a>(sources: &'a [Source], whole: &str) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let inside = || sources.iter().filter(|source| source.module() == Some(whole));
    let part = |source: &'a Source| source.module_path().get(1).copied();
    let mut parts: BTreeMap<_, BTreeSet<_>> =
        inside().filter_map(part).map(|part| (part, BTreeSet::new())).collect();
    let shown = inside().find(|source| part(source).is_none()).map(shown).unwrap_or_default();
    for source in inside() {
        let Some(from) = part(source) else { continue };
        for path in source.named() {
            let Some((_, [name, ..])) = path.split_first().filter(|(top, _)| **top == whole) else {
                continue;
            };
            let to = parts.keys().copied().find(|part| part == name);
            let to = to.or_else(|| shown.get(name).copied());
            if let Some(to) = to.filter(|to| *to != from && parts.contains_key(to))
                && let Some(named) = parts.get_mut(from)
            {
                named.insert(to);
            }
        }
    }
    parts
}

/// The names that `root` takes from somewhere, such as from a part of it, with the beginning of their
/// paths.
fn shown(root: &Source) -> BTreeMap<&str, &str> {
    let tokens = tokens(&root.text);
    let mut shown = BTreeMap::new();
    for at in (0..tokens.len()).filter(|at| tokens[*at] == "use") {
        let mut paths = Vec::new();
        let from = if tokens.get(at + 1) == Some(&"self") { at + 3 } else { at + 1 };
        branches(&tokens, from, &[], &mut paths);
        shown.extend(paths.iter().filter_map(|path| Some((*path.last()?, *path.first()?))));
    }
    shown
}

/// A way from a module back to itself, if there is one.
fn cycle<'a>(graph: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> Option<Vec<&'a str>> {
    graph.keys().find_map(|start| {
        let mut paths = vec![vec![*start]];
        let mut seen = BTreeSet::new();
        while let Some(path) = paths.pop() {
            for next in path.last().and_then(|last| graph.get(last)).into_iter().flatten() {
                let longer: Vec<_> = path.iter().chain([next]).copied().collect();
                if next == start {
                    return Some(longer);
                }
                if seen.insert(*next) {
                    paths.push(longer);
                }
            }
        }
        None
    })
}

fn read_sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    let mut directories: Vec<PathBuf> = vec![root.clone()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).expect("a directory of src") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a source file");
                let name = path.strip_prefix(&root).expect("a path in src");
                let name = name.to_str().expect("a plain path").replace('\\', "/");
                sources.push(Source { path: name, text });
            }
        }
    }
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    sources
}

#[test]
fn the_source_keeps_the_import_rules() {
    let sources = read_sources();
    assert!(sources.len() > 20 && sources.iter().any(|source| source.path == "lib.rs"));
    let seen: usize = sources.iter().map(|source| source.imports().len()).sum();
    assert!(seen > 10, "the reader sees {seen} imports in the whole source");
    let found = violations(&sources);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn made_up_violations_are_found() {
    let all = |extra: Source| {
        let mut sources: Vec<_> = MAY_IMPORT
            .iter()
            .filter(|(name, _)| *name != "archive")
            .map(|(name, _)| Source::new(&format!("{name}/mod.rs"), ""))
            .collect();
        sources.push(extra);
        violations(&sources)
    };
    for (path, text, complaint) in [
        ("client/a.rs", "use crate::settings::Settings;", "imports `settings`"),
        (
            "client/a.rs",
            "use crate::{domain::Error, settings::{self, Origin}};",
            "imports `settings`",
        ),
        ("client/a.rs", "fn f() { let _ = crate::settings::load(); }", "imports `settings`"),
        ("client/a/b.rs", "use super::super::super::cli;", "imports `cli`"),
        ("client/mod.rs", "use super::{app, domain};", "imports `app`"),
        ("local/a.rs", "use crate :: domain::Error;", "imports `domain`"),
        ("domain/a.rs", "pub use qwenctl::client::Client;", "imports `client`"),
        ("app/a.rs", "use\n    crate::local\n    ::start;", "imports `local`"),
        ("server/a.rs", "/* nested /* */ */ use crate::client::X;", "imports `client`"),
        ("server/a.rs", "const A: char = '\"'; use crate::client::X;", "imports `client`"),
        ("cli/commands/a.rs", "fn f() { println!(\"x\"); }", "prints with `println`"),
        ("client/a.rs", "fn f() { std::io::stdout().lock(); }", "prints with `stdout`"),
        ("lib.rs", "fn f() { eprint!(\"x\"); }", "prints with `eprint`"),
        ("helpers/a.rs", "", "`helpers` has no row"),
    ] {
        let found = all(Source::new(path, text)).join("\n");
        assert!(found.contains(complaint), "{path}: {text}: {found}");
    }
}

#[test]
fn what_only_looks_like_a_violation_is_not_one() {
    for (path, text) in [
        (
            "client/a.rs",
            "// use crate::settings;\n/// [`crate::settings`]\n/* crate::cli */ use crate::domain::Error;",
        ),
        ("client/a.rs", "const A: &str = \"use crate::settings; println!()\";"),
        ("client/a.rs", "const A: &str = r#\"a \" crate::settings\"#; const B: char = '\\'';"),
        ("client/a.rs", "use super::settings; fn f<'a>(x: &'a str) -> &'a str { x }"),
        ("client/a.rs", "use crate::client::config; use std::io::stdin;"),
        ("cli/output/a.rs", "fn f() { println!(\"x\"); std::io::stdout(); }"),
        ("app/a.rs", "fn f() { std::io::stderr().is_terminal(); command.stdout(null()); }"),
        ("main.rs", "fn main() { eprintln!(); qwenctl::cli::run(); }"),
        ("app/a.rs", "struct S { stdout: u8 } fn f(s: &S) { use crate::{client::X, domain}; }"),
    ] {
        let sources: Vec<_> = MAY_IMPORT
            .iter()
            .map(|(name, _)| Source::new(&format!("{name}/mod.rs"), ""))
            .chain([Source::new(path, text)])
            .collect();
        assert_eq!(violations(&sources), Vec::<String>::new(), "{path}: {text}");
    }
}

#[test]
fn a_cycle_is_found() {
    let sources = [
        Source::new("app/mod.rs", "use crate::client::X;"),
        Source::new("client/mod.rs", "use crate::domain::X;"),
        Source::new("domain/mod.rs", "use crate::app::X;"),
    ];
    let found = violations(&sources);
    assert!(found.contains(&"a cycle: app -> client -> domain -> app".to_owned()), "{found:?}");
}

#[test]
fn the_parts_of_a_module_form_no_cycle() {
    let sources = read_sources();
    for whole in WITHOUT_CYCLES {
        let mut parts = parts(&sources, whole);
        let seen: usize = parts.values().map(BTreeSet::len).sum();
        assert!(seen > 2, "the reader sees {seen} imports between the parts of {whole}");
        for (_, from, to) in IN_A_CYCLE.iter().filter(|(known, ..)| *known == whole) {
            let named = parts.get_mut(from).is_some_and(|named| named.remove(to));
            assert!(
                named,
                "`{from}` of {whole} does not import `{to}` any more: take it off the list"
            );
        }
        let cycle = cycle(&parts).map(|cycle| cycle.join(" -> "));
        assert_eq!(cycle, None, "the parts of {whole} form a cycle");
    }
}

#[test]
fn a_cycle_of_parts_is_found_by_whatever_path() {
    let root = "mod a; mod b; mod c; pub use a::{One, Two as Other}; pub use self::b::Three;";
    for (a, b) in [
        ("use super::b;", "use super::a::One;"),
        ("use crate::server::{c::{self, X}, b::{Y, Z}};", "use super::{c, a as d};"),
        ("fn f() { super::b::g::<u8>(); }", "fn f() -> crate::server::a::One { todo() }"),
        ("use super::Three;", "use super::Other;"),
        ("mod x { mod y {} use super::super::b; }", "mod x { use crate::server::One; }"),
        ("use crate::{domain::X, server::{Three}};", "use super::a::*;"),
    ] {
        let sources = [
            Source::new("server/mod.rs", root),
            Source::new("server/a.rs", a),
            Source::new("server/b/mod.rs", b),
            Source::new("server/c.rs", ""),
        ];
        let found = cycle(&parts(&sources, "server"));
        assert_eq!(found, Some(vec!["a", "b", "a"]), "{a} {b}");
    }
    let sources = [
        Source::new("server/mod.rs", root),
        Source::new("server/a.rs", "use super::b; mod x { use super::c; fn b() { self::b() } }"),
        Source::new("server/b/mod.rs", "use self::a; use super::c; mod a;"),
        Source::new("server/b/a.rs", "use super::a; use super::super::c;"),
        Source::new("server/c.rs", "// use super::a;\nuse crate::domain::a; use std::b;"),
    ];
    let parts = parts(&sources, "server");
    assert_eq!(cycle(&parts), None);
    assert_eq!(parts["a"], BTreeSet::from(["b"]));
    assert_eq!(parts["b"], BTreeSet::from(["c"]));
    assert!(parts["c"].is_empty());
}
