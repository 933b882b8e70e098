//! `chats list`

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, SpanRelativeTo, Timestamp};

use crate::app::chats::{ListRequest, Pages, list};
use crate::app::documents::ChatsDocument;
use crate::cli::args::ListArgs;
use crate::cli::context::Context;
use crate::cli::failure::Outcome;
use crate::cli::output::{Moment, Table, View, now};
use crate::domain::{ChatSummary, Error, Result};

/// Lists chats.
pub async fn run(context: &Context, args: &ListArgs) -> Outcome {
    let request = request(args, now())?;
    let session = context.session(None).await?;
    let progress = args.all.then(|| context.output.counter("chats read:"));
    let rows = list(&session, request, |count| {
        if let Some(progress) = &progress {
            progress.set(count);
        }
    })
    .await?;
    drop(progress);
    let page = (!args.all).then_some(args.page);
    if rows.is_empty() && !context.output.policy().is_json() {
        context.output.note("no chats");
    }
    context.output.result(&ChatsDocument::new(&rows, page), |view| table(&rows, view))
}

fn request(args: &ListArgs, now: i64) -> Result<ListRequest> {
    Ok(ListRequest {
        pages: if args.all { Pages::All } else { Pages::One(args.page) },
        limit: args.limit.map(|limit| limit as usize),
        since: args.since.as_deref().map(|since| moment(since, now)).transpose()?,
    })
}

/// A date, a moment, or how long before `now`.
fn moment(text: &str, now: i64) -> Result<i64> {
    let ago = || {
        let span: Span = text.parse().ok()?;
        let length = span.abs().to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
        Some(now.saturating_sub(length.as_secs()))
    };
    let instant = || text.parse().ok().map(Timestamp::as_second);
    let local = || {
        let time: DateTime = text.parse().ok()?;
        Some(time.to_zoned(TimeZone::system()).ok()?.timestamp().as_second())
    };
    instant().or_else(local).or_else(ago).ok_or_else(|| {
        Error::invalid("`--since` must be a date, a moment or how long ago")
            .with_hint("such as `2026-09-01`, `2026-09-01T08:00:00Z`, `3d` or `12h`")
    })
}

fn table(rows: &[ChatSummary], view: &View) -> String {
    let is_terminal = view.width.is_some();
    let mut table = Table::new(&["ID", "TITLE", "CREATED", "UPDATED"], 1).spare(2);
    for row in rows {
        table.row([
            row.id.to_string(),
            row.title.clone().unwrap_or_default(),
            Moment(row.created_at).show(is_terminal),
            Moment(row.updated_at).show(is_terminal),
        ]);
    }
    table.render(view)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_takes_dates_moments_and_lengths_of_time() {
        let now = 1_000_000;
        assert_eq!(moment("1970-01-02T00:00:00Z", now).ok(), Some(86_400));
        assert_eq!(moment("3d", now).ok(), Some(now - 3 * 86_400));
        assert_eq!(moment("12h", now).ok(), Some(now - 43_200));
        assert_eq!(moment("1w 1d", now).ok(), Some(now - 8 * 86_400));
        assert!(moment("2026-09-01", now).is_ok());
        for bad in ["", "yesterday", "12", "1 potato", "2026-13-01"] {
            assert!(moment(bad, now).is_err(), "{bad}");
        }
    }
}
