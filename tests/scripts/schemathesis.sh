#!/usr/bin/env bash
# Tests `qwenctl serve` with the local upstream against its own `/openapi.json` with Schemathesis: every check, on
# valid and on invalid requests. Installs Schemathesis in target/.
# Usage: tests/scripts/schemathesis.sh [QWENCTL]; SEED=N varies the requests.
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

# Runs `qwenctl ARGUMENTS` in the background; `line` is the first JSON document that it prints.
start() { # NAME ARGUMENTS...
  mkfifo "$home/$1"
  env -i HOME="$home" ${auth_url:+QWEN_AUTH_URL="$auth_url"} "$qwenctl" --json -q "${@:2}" >"$home/$1" 2>"$home/$1.log" &
  children+=($!)
  IFS= read -r -t 60 line <"$home/$1" || { cat "$home/$1.log"; exit 1; }
}

# Two processes instead of one `serve --local`: this upstream answers without pacing.
start local local --port 0 --no-pace --write-token "$home/token"
auth_url=$(jq -r .data.auth_url <<<"$line")
start serve --api-url "$(jq -r .data.api_url <<<"$line")" --token-file "$home/token" serve --port 0
url=$(jq -r .url <<<"$line")

# All requests come without a token: the local upstream accepts only one, the server's own. It comes from a
# file, so `/api/token` cannot change it. No schema says which bytes `/api/files` knows as a file.
status=0
export SCHEMATHESIS_HOOKS=schemathesis_hooks PYTHONPATH="$PWD/tests/scripts" PYTHONDONTWRITEBYTECODE=1
cd "$home"
timeout 300 "$tool/bin/schemathesis" run "$url/openapi.json" --checks all --exclude-path /api/token \
  --exclude-path /api/files --max-examples 10 --request-timeout 20 --seed "${SEED:-1}" --no-color || status=$?
curl -fsS "$url/health" >/dev/null || { echo "the server did not survive"; status=1; }
if [[ -s $home/serve.log ]]; then
  echo "the server logged errors:"
  cat "$home/serve.log"
  status=1
fi
exit "$status"
