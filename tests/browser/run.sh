#!/usr/bin/env bash
# The tests of the chat page: its modules in Node, and the page in Chromium through WebDriver.
# Installs what it needs: packages with apt, axe-core from npm into a temporary directory.
# Screenshots are in target/screenshots. Usage: tests/browser/run.sh [name of a test]
set -euo pipefail
cd "$(dirname "$0")/../.."

missing=()
command -v node >/dev/null && command -v npm >/dev/null || missing+=(nodejs npm)
command -v chromium >/dev/null && command -v chromedriver >/dev/null || missing+=(chromium chromium-driver)
fc-list 2>/dev/null | grep -qi dejavu || missing+=(fontconfig fonts-dejavu-core)
if ((${#missing[@]})); then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --silent --no-audit --no-fund --prefix "$work" axe-core@4

cargo build --quiet
export QWENCTL="$PWD/target/debug/qwenctl" SCREENSHOTS="$PWD/target/screenshots"
export AXE="$work/node_modules/axe-core/axe.min.js"
rm -rf "$SCREENSHOTS"
# Makes Node treat the page's plain JavaScript files as modules.
mkdir "$work/page"
cp src/server/page/assets/*.js "$work/page/"
echo '{"type":"module"}' >"$work/page/package.json"
export PAGE="$work/page"

only=()
if (($#)); then only=(--test-name-pattern "$1"); fi
status=0
# Two files at a time, even on a machine with two processors.
node --test --test-concurrency=2 --test-reporter=tap "${only[@]}" tests/browser/*.test.mjs >"$work/tap" || status=$?
cat "$work/tap"
count() { awk -v name="$1" '$1 == "#" && $2 == name { print $3 }' "$work/tap"; }
passed=$(count pass) failed=$(count fail)
echo "$passed passed, $failed failed"
[[ $status == 0 && $failed == 0 && $passed -gt 0 ]]
