//! Holds the import rules by parsing the source: which room may import which, that no modules of
//! one folder import each other in a circle, and which code may print. Unit tests are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, ExprCall, ExprMethodCall, ImplItemFn, Item, ItemMod, ItemUse, UseTree};

/// The rooms at the top of the crate, and what each may import.
const MAY_IMPORT: [(&str, &[&str]); 13] = [
    ("domain", &[]),
    ("files", &[]),
    ("net", &["domain"]),
    ("tools", &["domain"]),
    ("settings", &["domain", "files", "net"]),
    ("client", &["domain", "net"]),
    ("engine", &["domain", "net", "tools"]),
    ("archive", &["domain", "files"]),
    ("app", &["archive", "client", "domain", "engine", "files", "net", "settings", "tools"]),
    ("mcp", &["app", "domain", "net"]),
    ("server", &["app", "domain", "mcp", "net", "settings", "tools"]),
    ("local", &["engine", "files", "net"]),
    (
        "cli",
        &[
            "app", "client", "domain", "engine", "files", "local", "mcp", "net", "server",
            "settings",
        ],
    ),
];

/// The only places that write to standard output and standard error.
const MAY_PRINT: [&str; 2] = ["cli/output/", "main.rs"];

/// Macros that print.
const MACROS: [&str; 4] = ["print", "println", "eprint", "eprintln"];

/// Functions that return a stream to print to.
const STREAMS: [&str; 2] = ["stdout", "stderr"];

/// A module's path below the crate, such as `["server", "auth"]`.
type ModulePath = Vec<String>;

/// Which modules of a folder import which others of that folder.
type Graph = BTreeMap<String, BTreeSet<String>>;

/// What a source file names.
#[derive(Default)]
struct Names {
    /// The module that is being read; longer than the file's own inside of an inline module.
    module: ModulePath,
    /// Paths below the crate.
    paths: Vec<ModulePath>,
    /// What the file's own module takes from elsewhere: name and path.
    aliases: Vec<(String, ModulePath)>,
    /// How deep inside of inline modules the reader is.
    depth: usize,
    /// What the file prints with.
    printer: Option<String>,
}

impl Names {
    fn of(module: ModulePath, text: &str) -> Self {
        let mut names = Self { module, ..Self::default() };
        names.visit_file(&syn::parse_file(text).expect("Rust source"));
        names
    }

    /// The path that `segments` names in the current module, if it is one of this crate by its look.
    fn resolve(&self, segments: &[String]) -> Option<ModulePath> {
        let (first, rest) = segments.split_first()?;
        let mut path = match first.as_str() {
            "crate" | "qwenctl" => return Some(rest.to_vec()),
            "self" | "super" => self.module.clone(),
            _ => return None,
        };
        let mut rest = segments;
        while let Some(("self" | "super", after)) =
            rest.split_first().map(|(first, after)| (first.as_str(), after))
        {
            if rest[0] == "super" {
                path.pop();
            }
            rest = after;
        }
        path.extend_from_slice(rest);
        Some(path)
    }

    fn flatten(&mut self, tree: &UseTree, before: &mut ModulePath) {
        let (name, alias) = match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.flatten(&path.tree, before);
                before.pop();
                return;
            }
            UseTree::Group(group) => {
                return group.items.iter().for_each(|tree| self.flatten(tree, before));
            }
            UseTree::Glob(_) => (None, None),
            UseTree::Name(name) => (Some(name.ident.to_string()), Some(name.ident.to_string())),
            UseTree::Rename(name) => (Some(name.ident.to_string()), Some(name.rename.to_string())),
        };
        let mut segments = before.clone();
        segments.extend(name.filter(|name| name != "self"));
        let path = self.resolve(&segments);
        if self.depth == 0
            && let Some(alias) = alias
        {
            // A path without `crate` or `self` is that of a child, or that of another crate.
            let below = || [&self.module[..], &segments[..]].concat();
            let name =
                if alias == "self" { before.last().cloned().unwrap_or_default() } else { alias };
            self.aliases.push((name, path.clone().unwrap_or_else(below)));
        }
        self.paths.extend(path);
    }

    /// Reads the tokens of a macro call, in which `syn` sees no paths.
    fn read_tokens(&mut self, tokens: TokenStream) {
        let mut segments: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.end_of_path(&mut segments);
                    }
                    segments.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Punct(punct) => {
                    if punct.as_char() == '!' && segments.len() == 1 {
                        self.note_printer(&segments[0], &MACROS);
                    }
                    self.end_of_path(&mut segments);
                    colons = 0;
                }
                TokenTree::Group(group) => {
                    self.end_of_path(&mut segments);
                    self.read_tokens(group.stream());
                    colons = 0;
                }
                TokenTree::Literal(_) => self.end_of_path(&mut segments),
            }
        }
        self.end_of_path(&mut segments);
    }

    fn end_of_path(&mut self, segments: &mut Vec<String>) {
        self.paths.extend(self.resolve(segments));
        segments.clear();
    }

    fn note_printer(&mut self, name: &str, printers: &[&str]) {
        if printers.contains(&name) {
            self.printer = Some(name.to_owned());
        }
    }
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        if !is_test(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        self.module.push(item.ident.to_string());
        self.depth += 1;
        visit::visit_item_mod(self, item);
        self.depth -= 1;
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.flatten(&item.tree, &mut Vec::new());
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<_> = path.segments.iter().map(|part| part.ident.to_string()).collect();
        self.paths.extend(self.resolve(&segments));
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        if let Some(name) = call.path.get_ident() {
            self.note_printer(&name.to_string(), &MACROS);
        }
        self.visit_path(&call.path);
        self.read_tokens(call.tokens.clone());
    }

    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        if let Expr::Path(function) = &*call.func
            && let Some(last) = function.path.segments.last()
        {
            self.note_printer(&last.ident.to_string(), &STREAMS);
        }
        visit::visit_expr_call(self, call);
    }

    /// Asking a stream whether it is a terminal is not printing.
    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        if call.method != "is_terminal" {
            visit::visit_expr_method_call(self, call);
        }
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Ident>().is_ok_and(|name| name == "test")
    })
}

/// The source of a crate, read.
struct Source {
    /// Files by the path of their module. The crate's root and `main.rs` have none.
    files: Vec<(String, Names)>,
}

impl Source {
    /// Reads `files`: paths below `src`, and texts.
    fn read(files: &[(String, String)]) -> Self {
        let names = |(path, text): &(String, String)| {
            let module = path.trim_end_matches(".rs");
            let module = module.strip_suffix("/mod").unwrap_or(module);
            let module = if ["lib", "main"].contains(&module) { "" } else { module };
            let module = module.split('/').filter(|part| !part.is_empty());
            (path.clone(), Names::of(module.map(str::to_owned).collect(), text))
        };
        Self { files: files.iter().map(names).collect() }
    }

    fn names_of(&self, module: &[String]) -> Option<&Names> {
        self.files.iter().map(|(_, names)| names).find(|names| names.module == module)
    }

    /// The module that defines `path`: names that a module takes from another one are followed.
    fn definer(&self, path: &[String], patience: usize) -> ModulePath {
        let mut module: ModulePath = Vec::new();
        for (at, name) in path.iter().enumerate() {
            let deeper = [&module[..], std::slice::from_ref(name)].concat();
            if self.names_of(&deeper).is_some() {
                module = deeper;
                continue;
            }
            let aliases =
                self.names_of(&module).map(|names| &names.aliases[..]).unwrap_or_default();
            let alias = aliases.iter().find(|(alias, _)| alias == name);
            if let Some((_, target)) = alias.filter(|(_, target)| patience > 0 && target != path) {
                return self.definer(&[&target[..], &path[at + 1..]].concat(), patience - 1);
            }
            break;
        }
        module
    }

    /// From which module to which others the imports go.
    fn imports(&self) -> Vec<(&Names, ModulePath)> {
        let of = |names: &'_ Names| -> BTreeSet<ModulePath> {
            names.paths.iter().map(|path| self.definer(path, 8)).collect()
        };
        self.files
            .iter()
            .flat_map(|(_, names)| of(names).into_iter().map(move |to| (names, to)))
            .collect()
    }

    /// The imports between the modules of each folder, by the folder's path.
    fn graphs(&self) -> BTreeMap<ModulePath, Graph> {
        let mut graphs: BTreeMap<ModulePath, Graph> = BTreeMap::new();
        for (names, to) in self.imports() {
            let from = &names.module;
            let shared = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
            if let (Some(one), Some(other)) = (from.get(shared), to.get(shared)) {
                let graph = graphs.entry(from[..shared].to_vec()).or_default();
                graph.entry(one.clone()).or_default().insert(other.clone());
            }
        }
        graphs
    }

    /// Every broken rule, one sentence each.
    fn violations(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (path, names) in &self.files {
            if let Some(printer) = &names.printer
                && !MAY_PRINT.iter().any(|place| path.starts_with(place))
            {
                found.push(format!("{path} prints with `{printer}`"));
            }
        }
        for (path, names) in &self.files {
            let Some(room) = names.module.first() else { continue };
            let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| name == room) else {
                found.push(format!("`{room}` has no row in the import rules"));
                continue;
            };
            let others: BTreeSet<_> = names.paths.iter().filter_map(|path| path.first()).collect();
            let rooms = self.files.iter().filter_map(|(_, names)| names.module.first());
            let rooms: BTreeSet<_> = rooms.filter(|other| *other != room).collect();
            for other in
                others.intersection(&rooms).filter(|other| !allowed.contains(&other.as_str()))
            {
                found.push(format!("{path} imports `{other}`"));
            }
        }
        for (folder, graph) in self.graphs() {
            let circle = circle(&graph).map(|circle| circle.join(" -> "));
            found.extend(
                circle.map(|circle| format!("circle in `{}`: {circle}", folder.join("::"))),
            );
        }
        found
    }
}

/// A way from a module back to itself, if there is one.
fn circle(graph: &Graph) -> Option<Vec<&str>> {
    graph.keys().find_map(|start| {
        let mut paths = vec![vec![start.as_str()]];
        let mut seen = BTreeSet::new();
        while let Some(path) = paths.pop() {
            for next in path.last().and_then(|last| graph.get(*last)).into_iter().flatten() {
                let longer = [&path[..], &[next.as_str()]].concat();
                if next == start {
                    return Some(longer);
                }
                if seen.insert(next) {
                    paths.push(longer);
                }
            }
        }
        None
    })
}

fn read_directory(directory: &Path, root: &Path, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(directory).expect("a directory of src") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read_directory(&path, root, files);
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && path.file_name().is_some_and(|name| name != "tests.rs")
        {
            let text = fs::read_to_string(&path).expect("a source file");
            let name = path.strip_prefix(root).expect("a path in src").to_str().expect("UTF-8");
            files.push((name.replace('\\', "/"), text));
        }
    }
}

fn made_up(files: &[(&str, &str)]) -> Source {
    let files: Vec<_> = files.iter().map(|(path, text)| ((*path).into(), (*text).into())).collect();
    Source::read(&files)
}

#[test]
fn source_keeps_the_import_rules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    read_directory(&root, &root, &mut files);
    // A program of its own, which prints for cargo.
    files.retain(|(path, _)| path != "build.rs");
    let source = Source::read(&files);
    let found = source.violations();
    assert!(found.is_empty(), "{}", found.join("\n"));
    for (room, _) in MAY_IMPORT {
        let seen =
            source.imports().iter().any(|(names, _)| names.module.starts_with(&[room.into()]));
        assert!(seen, "no file of `{room}` imports anything of ours: is the row still right?");
    }
}

#[test]
fn forbidden_imports_and_printing_are_found() {
    for (path, text, complaint) in [
        ("client/a.rs", "use crate::settings::Settings;", "imports `settings`"),
        ("client/a.rs", "use crate::{domain::Error, settings::{self, X}};", "imports `settings`"),
        ("client/a.rs", "fn f() { let _ = crate::settings::load(); }", "imports `settings`"),
        (
            "client/a.rs",
            "fn f() { select! { x = crate::settings::load() => {} } }",
            "imports `settings`",
        ),
        ("client/a/b.rs", "use super::super::super::cli;", "imports `cli`"),
        ("client/mod.rs", "use super::{app, domain};", "imports `app`"),
        ("local/a.rs", "use crate :: domain::Error;", "imports `domain`"),
        ("domain/a.rs", "pub use qwenctl::client::Client;", "imports `client`"),
        ("app/a.rs", "fn f(x: crate::local::Options) {}", "imports `local`"),
        ("server/a.rs", "mod x { use crate::client::X; }", "imports `client`"),
        ("cli/commands/a.rs", "fn f() { println!(\"x\"); }", "prints with `println`"),
        ("client/a.rs", "fn f() { std::io::stdout().lock(); }", "prints with `stdout`"),
        ("client/a.rs", "fn f() { select! { _ = x => eprintln!() } }", "prints with `eprintln`"),
        ("lib.rs", "fn f() { eprint!(\"x\"); }", "prints with `eprint`"),
        ("helpers/a.rs", "", "`helpers` has no row"),
    ] {
        let rooms: Vec<_> = MAY_IMPORT.iter().map(|(name, _)| format!("{name}/mod.rs")).collect();
        let mut files: Vec<_> = rooms.iter().map(|path| (path.as_str(), "")).collect();
        files.retain(|(other, _)| *other != path);
        files.push((path, text));
        let found = made_up(&files).violations().join("\n");
        assert!(found.contains(complaint), "{path}: {text}: {found}");
    }
}

#[test]
fn allowed_code_breaks_no_rule() {
    for (path, text) in [
        ("client/a.rs", "/// [`crate::settings`]\nuse crate::domain::Error; // crate::cli"),
        ("client/a.rs", "const A: &str = \"use crate::settings; println!()\";"),
        ("client/a.rs", "use super::settings; fn f<'a>(x: &'a str) -> &'a str { x }"),
        ("client/a.rs", "use crate::client::config; use std::io::stdin;"),
        ("client/a.rs", "#[cfg(test)] mod tests { use crate::cli::X; }"),
        ("cli/output/a.rs", "fn f() { println!(\"x\"); std::io::stdout(); }"),
        ("app/a.rs", "fn f() { std::io::stderr().is_terminal(); command.stdout(null()); }"),
        ("main.rs", "fn main() { eprintln!(); qwenctl::cli::run(); }"),
        ("app/a.rs", "struct S { stdout: u8 } fn f() { use crate::{client::X, domain}; }"),
    ] {
        let rooms: Vec<_> = MAY_IMPORT.iter().map(|(name, _)| format!("{name}/mod.rs")).collect();
        let mut files: Vec<_> = rooms.iter().map(|path| (path.as_str(), "")).collect();
        files.push((path, text));
        assert_eq!(made_up(&files).violations(), Vec::<String>::new(), "{path}: {text}");
    }
}

#[test]
fn circle_of_modules_is_found_by_any_path() {
    let root = "mod a; mod b; mod c; pub use a::{One, Two as Other}; pub use self::b::Three;";
    for (a, b) in [
        ("use super::b;", "use super::a::One;"),
        ("use crate::server::{c::{self, X}, b::{Y, Z}};", "use super::{c, a as d};"),
        ("fn f() { super::b::g::<u8>(); }", "fn f() -> crate::server::a::One { todo() }"),
        ("use super::Three;", "use super::Other;"),
        ("mod x { mod y {} use super::super::b; }", "mod x { use crate::server::One; }"),
        ("use crate::{domain::X, server::{Three}};", "use super::a::*;"),
    ] {
        let files = [
            ("server/mod.rs", root),
            ("server/a.rs", a),
            ("server/b/mod.rs", b),
            ("server/c.rs", ""),
        ];
        let found = made_up(&files).violations();
        assert_eq!(found, ["circle in `server`: a -> b -> a"], "{a} {b}");
    }
    let files = [
        ("app/mod.rs", ""),
        ("app/a/mod.rs", "use super::b; mod x { use super::c; fn b() { self::b() } }"),
        ("app/a/c.rs", ""),
        ("app/b/mod.rs", "use self::a; use super::c; mod a;"),
        ("app/b/a.rs", "use super::super::c; #[cfg(test)] use crate::app::a;"),
        ("app/c.rs", "use crate::domain::a; use std::b;"),
    ];
    let source = made_up(&files);
    assert_eq!(source.violations(), Vec::<String>::new());
    let graph = &source.graphs()[&["app".to_owned()][..]];
    assert_eq!(graph["a"], BTreeSet::from(["b".to_owned()]));
    assert_eq!(graph["b"], BTreeSet::from(["c".to_owned()]));
    assert!(!graph.contains_key("c"));
}

#[test]
fn circle_of_rooms_is_found() {
    let files = [
        ("app/mod.rs", "use crate::client::Client;"),
        ("client/mod.rs", "use crate::domain::Chat;"),
        ("domain/mod.rs", "use crate::app::answer;"),
    ];
    let found = made_up(&files).violations();
    assert!(
        found.contains(&"circle in ``: app -> client -> domain -> app".to_owned()),
        "{found:?}"
    );
}
