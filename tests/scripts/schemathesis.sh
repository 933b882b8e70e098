#!/usr/bin/env bash
# Holds `qwenctl serve` before the local upstream against its own description with Schemathesis: every check it has, on
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
children=()
cleanup() {
  ((${#children[@]} == 0)) || kill "${children[@]}" 2>/dev/null || true
  wait || true
  rm -rf "$home"
}
trap cleanup EXIT

# Runs `qwenctl ARGUMENTS` in the background; `line` is the JSON with which it begins.
start() { # NAME ARGUMENTS...
  mkfifo "$home/$1"
  env -i HOME="$home" "$qwenctl" --json -q "${@:2}" >"$home/$1" 2>"$home/$1.log" &
  children+=($!)
  IFS= read -r -t 60 line <"$home/$1" || { cat "$home/$1.log"; exit 1; }
}

# What `serve --local` starts in one process, in two: this upstream answers as fast as it can.
start local local --port 0 --no-pace --write-token "$home/token"
start serve --api-url "$(jq -r .data.api_url <<<"$line")" --token-file "$home/token" serve --port 0
url=$(jq -r .url <<<"$line")

# Nothing is switched off but what there is no use for: all requests come without a token, since the
# local upstream knows one only, the server's own.
status=0
export SCHEMATHESIS_HOOKS=schemathesis_hooks PYTHONPATH="$PWD/tests/scripts" PYTHONDONTWRITEBYTECODE=1
cd "$home"
timeout 300 "$tool/bin/schemathesis" run "$url/openapi.json" --checks all --max-examples 10 \
  --request-timeout 20 --seed "${SEED:-1}" --no-color || status=$?
curl -fsS "$url/health" >/dev/null || { echo "the server did not live through it"; status=1; }
if [[ -s $home/serve.log ]]; then
  echo "the server complained:"
  cat "$home/serve.log"
  status=1
fi
exit "$status"
