#!/usr/bin/env bash
# Use `qwenctl` in the way of shell scripts, against the local upstream: exit codes, JSON, pipes,
# signals. Needs `qwenctl` on PATH and an empty HOME.
set -euo pipefail

passed=0
failed=0
check() { # NAME COMMAND…: the command must succeed
  local name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'FAILED: %s\n' "$name"
  fi
}
exits() { # CODE COMMAND…
  local code=0
  "${@:2}" >"$HOME/out" 2>"$HOME/err" </dev/null || code=$?
  [[ $code == "$1" ]] || { printf 'exit %s instead of %s\n' "$code" "$1"; cat "$HOME/out" "$HOME/err"; return 1; }
}
shows() { # FILTER COMMAND…: the JSON on standard output passes the jq filter
  "${@:2}" 2>"$HOME/err" </dev/null | jq -e "$1" >"$HOME/out" || { cat "$HOME/out" "$HOME/err"; return 1; }
}
composed_token() {
  local part
  part() { printf '%s' "$1" | base64 -w0 | tr '+/' '-_' | tr -d '='; }
  printf '%s.%s.%s' "$(part '{"alg":"HS256"}')" "$(part '{"id":"u","exp":4000000000}')" "$(part signature)"
}

L=(qwenctl --local -q)
"${L[@]}" quick "first" >/dev/null
ID=$("${L[@]}" chats list --json | jq -r '.data[0].id')

check "the list is a document" shows '.success and (.data|length)>0' "${L[@]}" chats list --json
check "events end with done" bash -c "${L[*]} send $ID hi -o ndjson | jq -r .event | tail -1 | grep -qx done"
check "a chat shows its last message" shows '.data.messages[-1].content | length > 0' "${L[@]}" chats show "$ID" --json
check "no token: exit 4" exits 4 qwenctl chats list
check "no token: hint" grep -q '^hint: ' "$HOME/err"
check "no token, JSON: one document" bash -c 'qwenctl chats list --json | jq -es "length == 1 and .[0].code == \"token_missing\""'
check "upstream unreachable: exit 7" exits 7 env QWEN_API_URL=http://127.0.0.1:9/api QWEN_TOKEN="$(composed_token)" qwenctl chats list --json
check "upstream unreachable: code" jq -e '.code == "upstream_unreachable"' "$HOME/out"
check "F33 is a quota: exit 6" exits 6 "${L[@]}" quick "[[fault:F33]] hi" --json
check "F33 reports retry_after" jq -e '.code == "rate_limited" and .retry_after == 10800' "$HOME/out"
check "F39 is a browser check: exit 9" exits 9 "${L[@]}" quick "[[fault:F39]] hi"
whole=$("${L[@]}" quick "cut? 你好" --json | jq -r .data.content | sed 's/^\[\[fault.*\]\] //')
cut=$("${L[@]}" quick "[[fault:F66]] cut? 你好" --json | jq -r .data.content)
check "F66 is recovered" grep -q "no model has read your message" <<<"$cut"
bytes=$("${L[@]}" --chunking byte quick "cut? 你好" --json | jq -r .data.content)
check "chunk boundaries change nothing" test "$bytes" = "$whole"

"${L[@]}" send "$ID" "[[lorem:2000]]" >"$HOME/partial" 2>"$HOME/err" &
sending=$!
until [[ -s $HOME/partial ]]; do
  kill -0 "$sending" || { echo "the answer ended before its first byte"; exit 1; }
done
kill -INT "$sending"
code=0
wait "$sending" || code=$?
check "Ctrl-C: exit 130" test "$code" = 130
check "Ctrl-C keeps the partial answer" test -s "$HOME/partial"
check "the next send works at once" exits 0 "${L[@]}" send "$ID" "again"
check "a closed pipe ends the output quietly" bash -c "${L[*]} chats show $ID 2>&1 >/dev/null | head -1 | wc -c | grep -qx 0"

printf '%s passed, %s failed\n' "$passed" "$failed"
[[ $failed == 0 ]]
