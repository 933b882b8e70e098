//! The chat page in a real browser. The tests themselves are in `tests/browser`.

use std::path::Path;
use std::process::Command;

#[test]
#[ignore = "needs Chromium and npm: .ci/run installs them"]
fn the_page_works_in_chromium() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/run.sh");
    let status = Command::new(script).status().expect("the script runs");
    assert!(status.success(), "{status}");
}
