//! Replaces what changes from run to run: one list of filters for all snapshots.

/// Pattern and replacement, in this order.
const FILTERS: [(&str, &str); 6] = [
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "[ID]"),
    (r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", "[TIME]"),
    (r"127\.0\.0\.1:\d+", "127.0.0.1:[PORT]"),
    (
        r#"(created_at|updated_at|timestamp|expires_at|expires_in|token_expires_at)":-?\d+"#,
        "$1\":[N]",
    ),
    (r"…[A-Za-z0-9_-]{4}", "…[TAIL]"),
    (r"in \d+ (days|hours|minutes)", "in [TIME]"),
];

/// The filters, for insta.
pub fn filters() -> Vec<(&'static str, &'static str)> {
    FILTERS.to_vec()
}

/// Compares exit code, standard output and standard error of a run with a snapshot: an inline one
/// (`@r"..."`), or the file of that name where it does not fit a screen.
macro_rules! assert_run {
    ($run:expr, @$snapshot:literal) => {{
        let text = $run.snapshot();
        insta::with_settings!({ filters => crate::support::filters::filters(), omit_expression => true }, {
            insta::assert_snapshot!(text, @$snapshot);
        });
    }};
    ($name:expr, $run:expr) => {{
        let text = $run.snapshot();
        insta::with_settings!({ filters => crate::support::filters::filters(), omit_expression => true }, {
            insta::assert_snapshot!($name, text);
        });
    }};
}
pub(crate) use assert_run;
