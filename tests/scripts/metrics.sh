#!/usr/bin/env bash
# Run `promtool check metrics` on a server that has served every kind of request. Needs promtool
# (Debian package prometheus), curl, jq, and qwenctl on PATH.
set -euo pipefail

home=$(mktemp -d)
server=
finish() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$home"
}
trap finish EXIT
export HOME="$home"
unset XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME QWEN_TOKEN

mkfifo "$home/address"
qwenctl serve --local --port 0 --json --cache-lists 1m --cache-answers 1m 2>/dev/null >"$home/address" &
server=$!
url=$(head -1 "$home/address" | jq -r .url)

ask() { curl -sS -o /dev/null -H 'Content-Type: application/json' "$@"; }
message() { ask -X POST -d "$1" "$url/api/chat/quick"; }

message '{"message":"Hello"}'
message '{"message":"Hello"}'
message '{"message":"Hello, again","stream":true}'
message '{"message":"[[fault:F33]] used up"}'
message '{"message":"[[fault:F39]] a browser check"}'
message '{"message":""}'
for path in health readyz api/session api/user/status api/token/info api/chats api/models api/stats openapi.json nothing; do
    ask "$url/$path"
    ask "$url/$path"
done
chat=$(curl -sS "$url/api/chats" | jq -r '.data[0].id')
ask "$url/api/chats/$chat"
ask -X POST -d "{\"chat_id\":\"$chat\",\"message\":\"Hello\"}" "$url/api/chat/send"
ask -X DELETE "$url/api/chats/$chat"
# A client that disconnects.
curl -sS -o /dev/null --max-time 1 -H 'Content-Type: application/json' \
    -d '{"message":"[[slow:100]] [[lorem:400]]","stream":true}' "$url/api/chat/quick" || true

metrics="$home/metrics"
curl -sS "$url/metrics" >"$metrics"
promtool check metrics <"$metrics"
for family in http_requests_total upstream_calls_total time_to_first_token_seconds tokens_total \
    rate_limited_total browser_checks_total cache_requests_total queue_wait_seconds \
    token_expiry_timestamp_seconds build_info; do
    grep -q "^# TYPE qwenctl_$family " "$metrics" || { echo "no qwenctl_$family" >&2; exit 1; }
done
grep -q 'qwenctl_cache_requests_total{cache="answers",result="hit"} [1-9]' "$metrics"
echo "metrics: clean"
