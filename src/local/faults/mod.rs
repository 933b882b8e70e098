//! The faults of protocol 16, by number.
//!
//! One row of a table per fault: what it is, which calls it concerns, and up to three short
//! functions: answer *instead* of the handler, *rewrite* the JSON of the handler, or change the
//! *plan* of a stream. Each family of rows has one file; [`armed`] arms and counts faults.

pub(super) mod armed;
mod auth;
mod chats;
mod completions;
mod files;
mod lists;
mod stream;
mod text;

pub(super) use completions::CHAT_DELETED;
pub(super) use files::{refuse_files, used_up};

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde_json::Value;

use super::reply::Reply;
use super::request::Request;
use super::routes::Kind;
use super::stream::Plan;

/// One fault of the catalogue.
pub(super) struct Row {
    name: &'static str,
    what: &'static str,
    kinds: &'static [Kind],
    times: Option<u32>,
    variants: &'static [&'static str],
    instead: Option<fn(&Call) -> Option<Reply>>,
    rewrite: Option<fn(&mut Value, &Call)>,
    plan: Option<fn(&mut Plan, &Call)>,
    next: Option<&'static str>,
}

impl Row {
    /// A fault of these calls that does nothing yet.
    const fn new(name: &'static str, what: &'static str, kinds: &'static [Kind]) -> Self {
        Self {
            name,
            what,
            kinds,
            times: None,
            variants: &[],
            instead: None,
            rewrite: None,
            plan: None,
            next: None,
        }
    }

    /// Applies to this number of requests; later ones succeed.
    const fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Accepts these first arguments; `N` stands for a number.
    const fn variants(mut self, variants: &'static [&'static str]) -> Self {
        self.variants = variants;
        self
    }

    /// Answers in place of the handler (unless the function declines).
    const fn instead(mut self, act: fn(&Call) -> Option<Reply>) -> Self {
        self.instead = Some(act);
        self
    }

    /// Changes the JSON of the answer.
    const fn rewrite(mut self, act: fn(&mut Value, &Call)) -> Self {
        self.rewrite = Some(act);
        self
    }

    /// Changes the stream.
    const fn plan(mut self, act: fn(&mut Plan, &Call)) -> Self {
        self.plan = Some(act);
        self
    }

    /// Arms this fault, once, when the completion has been accepted.
    const fn next(mut self, fault: &'static str) -> Self {
        self.next = Some(fault);
        self
    }
}

fn table() -> impl Iterator<Item = &'static Row> {
    let families = [
        auth::ROWS,
        lists::ROWS,
        chats::ROWS,
        completions::ROWS,
        stream::ROWS,
        text::ROWS,
        files::ROWS,
    ];
    families.into_iter().flatten()
}

/// The known faults by number: name and one line each.
pub(super) fn names() -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut faults: Vec<_> = table().map(|row| (row.name, row.what)).collect();
    faults.sort_by_key(|(name, _)| (name.len(), *name));
    faults.into_iter()
}

/// A fault to be armed: `NAME[:ARG[:ARG]][*TIMES]`.
#[derive(Clone)]
pub struct Fault {
    row: &'static Row,
    arguments: Vec<String>,
    times: Option<u32>,
}

impl Fault {
    /// Its number, for example `F33`.
    pub fn name(&self) -> &'static str {
        self.row.name
    }

    /// The number of requests that it applies to; `None` means every one.
    pub fn times(&self) -> Option<u32> {
        self.times.or(self.row.times)
    }

    /// The same fault for this number of requests.
    #[must_use]
    pub fn limited_to(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Whether it concerns this call.
    pub(super) fn concerns(&self, kind: Kind) -> bool {
        self.row.kinds.contains(&kind)
    }

    /// The answer in place of the handler's.
    pub(super) fn instead(&self, request: &Request, kind: Kind) -> Option<Reply> {
        self.row.instead.and_then(|act| act(&Call { fault: self, request, kind }))
    }

    /// Changes the handler's JSON.
    pub(super) fn rewrite(&self, value: &mut Value, request: &Request, kind: Kind) {
        if let Some(act) = self.row.rewrite {
            act(value, &Call { fault: self, request, kind });
        }
    }

    /// Changes a stream. Returns the fault to arm once the completion has been accepted.
    pub(super) fn plan(&self, plan: &mut Plan, request: &Request) -> Option<Self> {
        if let Some(act) = self.row.plan {
            act(plan, &Call { fault: self, request, kind: Kind::Completions });
        }
        let next: Option<Self> = self.row.next?.parse().ok();
        next.map(|fault| fault.limited_to(1))
    }

    /// Its first argument; empty when there is none.
    pub(super) fn variant(&self) -> &str {
        self.argument(0)
    }

    fn argument(&self, index: usize) -> &str {
        self.arguments.get(index).map_or("", String::as_str)
    }
}

/// What a fault is applied to.
struct Call<'a> {
    fault: &'a Fault,
    request: &'a Request,
    kind: Kind,
}

impl Call<'_> {
    /// The first argument; empty when there is none.
    fn variant(&self) -> &str {
        self.fault.argument(0)
    }

    /// The argument at `index` as a number.
    fn number(&self, index: usize, default: u64) -> u64 {
        self.fault.argument(index).parse().unwrap_or(default)
    }

    /// The argument at `index` as milliseconds.
    fn millis(&self, index: usize, default: u64) -> Duration {
        Duration::from_millis(self.number(index, default))
    }

    /// The request id, for envelopes.
    fn id(&self) -> &str {
        &self.request.id
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.row.name)?;
        for argument in &self.arguments {
            write!(out, ":{argument}")?;
        }
        self.times.map_or(Ok(()), |times| write!(out, "*{times}"))
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Fault({self})")
    }
}

impl PartialEq for Fault {
    fn eq(&self, other: &Self) -> bool {
        self.row.name == other.row.name
            && self.arguments == other.arguments
            && self.times == other.times
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (rest, times) = match text.split_once('*') {
            None => (text, None),
            Some((rest, times)) => match times.parse() {
                Ok(times) => (rest, Some(times)),
                Err(_) => return Err(format!("`{times}` in `{text}` is not a number of times")),
            },
        };
        let mut parts = rest.split(':');
        let name = parts.next().unwrap_or_default();
        let row =
            table().find(|row| row.name.eq_ignore_ascii_case(name)).ok_or_else(|| unknown(name))?;
        let arguments: Vec<String> = parts.map(str::to_owned).collect();
        if let Some(first) = arguments.first()
            && !row.takes(first)
        {
            return Err(row.explain(first));
        }
        Ok(Self { row, arguments, times })
    }
}

impl Row {
    fn takes(&self, argument: &str) -> bool {
        let number = self.variants.contains(&"N") && argument.parse::<u64>().is_ok();
        number || self.variants.contains(&argument)
    }

    fn explain(&self, argument: &str) -> String {
        let name = self.name;
        if self.variants.is_empty() {
            return format!("fault {name} takes no argument, not `{argument}`");
        }
        let known = self.variants.join(", ").replace('N', "a number");
        format!("fault {name} does not know `{argument}`; it takes {known}")
    }
}

fn unknown(name: &str) -> String {
    let known: Vec<_> = names().map(|(name, _)| name).collect();
    format!("unknown fault `{name}`; known are {}", known.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_read_back_what_they_print() {
        for text in ["F33", "F32:429", "F66:rst:500", "F1*2"] {
            assert_eq!(text.parse::<Fault>().map(|fault| fault.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let error = |text: &str| text.parse::<Fault>().expect_err("wrong");
        assert!(error("F999").contains("F1, F2, ") && error("F999").contains("F78"));
        assert!(error("F32:x").contains("429"));
        assert!(error("F33:x").contains("takes no argument"));
        assert!(error("F1*x").contains("number of times"));
    }

    #[test]
    fn the_catalogue_is_whole_and_every_fault_does_something() {
        let names: Vec<_> = names().map(|(name, _)| name).collect();
        for number in
            (1..=8).chain(10..=82).chain(84..=88).chain(90..=97).chain(98..=112).chain(114..=123)
        {
            let name = format!("F{number}");
            assert_eq!(names.iter().filter(|known| **known == name).count(), 1, "{name}");
        }
        for row in table() {
            assert!(
                row.instead.is_some()
                    || row.rewrite.is_some()
                    || row.plan.is_some()
                    || row.next.is_some(),
                "{}",
                row.name
            );
            assert!(!row.what.is_empty() && !row.kinds.is_empty(), "{}", row.name);
        }
    }
}
