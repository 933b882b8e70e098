#!/usr/bin/env bash
# Holds `qwenctl serve --local` against its own description with Schemathesis: every check it has, on
# requests that fit the description and on ones that do not. Installs Schemathesis below target/.
# Usage: tests/scripts/schemathesis.sh [QWENCTL]; SEED=N for other requests than usual.
set -euo pipefail
cd "$(dirname "$0")/../.."

version=4.32.5
tool=$PWD/target/schemathesis
qwenctl=$(realpath "${1:-target/debug/qwenctl}")

if [[ $("$tool/bin/schemathesis" --version 2>/dev/null) != *" $version" ]]; then
  rm -rf "$tool"
  python3 -m venv "$tool"
  "$tool/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$version"
fi

home=$(mktemp -d)
server=
cleanup() {
  if [[ $server ]]; then
    kill "$server" 2>/dev/null || true
    wait "$server" || true
  fi
  rm -rf "$home"
}
trap cleanup EXIT
mkfifo "$home/announcement"
env -i HOME="$home" "$qwenctl" serve --local --port 0 --json -q >"$home/announcement" 2>"$home/log" &
server=$!
IFS= read -r -t 60 line <"$home/announcement" || { cat "$home/log"; exit 1; }
url=$(jq -r .url <<<"$line")

# Nothing is switched off but what there is no use for: all requests come without a token, since the
# local upstream knows one only, the server's own.
status=0
export SCHEMATHESIS_HOOKS=schemathesis_hooks PYTHONPATH="$PWD/tests/scripts" PYTHONDONTWRITEBYTECODE=1
cd "$home"
timeout 300 "$tool/bin/schemathesis" run "$url/openapi.json" --checks all --max-examples 10 \
  --request-timeout 20 --seed "${SEED:-1}" --no-color || status=$?
curl -fsS "$url/health" >/dev/null || { echo "the server did not live through it"; status=1; }
if [[ -s $home/log ]]; then
  echo "the server complained:"
  cat "$home/log"
  status=1
fi
exit "$status"
