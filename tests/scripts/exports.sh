#!/usr/bin/env bash
# Open exports and the archive with other people's programs: convoviz turns the ChatGPT format into Markdown, jq reads
# each line of ndjson, sqlite-utils and datasette open the archive. Open WebUI is too large to install: its import form
# is checked member by member. Needs `qwenctl` on PATH and an empty HOME. convoviz needs Python 3.12 or newer, which
# Debian 12 does not have: it is left out, with a line that says so, where there is only an older one.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$PWD/target/clients/exports
mkdir -p "$work"

newest_python() {
  local candidate
  for candidate in python3.{15,14,13,12} "$(pyenv root 2>/dev/null)"/versions/*/bin/python3.1[2-9]; do
    if "$candidate" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then
      printf '%s\n' "$candidate"
      return
    fi
  done
  echo python3
}
if ! cmp -s tests/scripts/exports.txt "$work/installed"; then
  python=$(newest_python)
  rm -rf "$work/py"
  "$python" -m venv "$work/py"
  "$work/py/bin/python" -m pip --quiet --disable-pip-version-check install -r tests/scripts/exports.txt
  cp tests/scripts/exports.txt "$work/installed"
fi
bin=$work/py/bin

files=$HOME/exports
mkdir -p "$files"
L=(qwenctl --local -q)
"${L[@]}" quick --new "Tìm đường về Huế 你好 🙂" >/dev/null
"${L[@]}" quick --new '[[think]] Why? <b>"quoted"</b>' >/dev/null
ID=$("${L[@]}" chats list --json | jq -r '.data[0].id')
first=$("${L[@]}" chats show "$ID" --json | jq -r '.data.messages[0].id')
"${L[@]}" send "$ID" "And then?" >/dev/null
"${L[@]}" send "$ID" --parent "$first" "Another branch" >/dev/null 2>&1 || "${L[@]}" send "$ID" "More" >/dev/null
"${L[@]}" chats sync >/dev/null
for format in ndjson qwen openwebui chatgpt sharegpt openai-jsonl; do
  "${L[@]}" chats export --all --format "$format" -o "$files/" --json | jq -e '.success' >/dev/null
done
"${L[@]}" chats export --all --format json >"$files/list.json"
ls "$files"

echo "--- jq reads every line"
jq -e -s 'length == 2 and all(.schema == "qwenctl.chat/1" and (.messages | length) >= 2)' "$files/chats.ndjson"
jq -e -s 'length == 2 and all(.messages | length >= 2)' "$files/openai.jsonl"
jq -e 'length == 2' "$files/sharegpt.json"
jq -e '.total == 2 and (.data | length) == 2' "$files/list.json"

echo "--- convoviz turns the ChatGPT format into Markdown"
if [[ -x $bin/convoviz ]]; then
  "$bin/convoviz" -I -q --zip "$files/conversations.json" --output "$HOME/convoviz" --outputs markdown
  grep -rlq "Tìm đường về Huế 你好 🙂" "$HOME/convoviz"
  test "$(find "$HOME/convoviz" -name '*.md' ! -name '_*' | wc -l)" -ge 2
else
  echo "left out: $("$bin/python" --version) is too old for it"
fi

echo "--- the import form of Open WebUI accepts the export"
"$bin/python" tests/scripts/openwebui_form.py "$files/openwebui-chats.json" "$files/chats.ndjson"

echo "--- sqlite-utils and datasette open the archive"
archive=$("${L[@]}" archive path)
"$bin/sqlite-utils" tables "$archive" --counts | jq -e 'any(.table == "chats" and .count == 2)'
"$bin/sqlite-utils" query "$archive" 'select count(*) n from messages join texts on message = n' | jq -e '.[0].n >= 5'
"$bin/datasette" "$archive" --get '/archive.json?sql=select+title+from+chats+order+by+n' | jq -e '.rows | length == 2'

echo "--- every export is imported again, once"
for file in chats.ndjson qwen-chats.json openwebui-chats.json conversations.json list.json; do
  HOME=$HOME/other-$file qwenctl -q chats import "$files/$file" --json | jq -e '.data.read == 2 and .data.made == 2' >/dev/null
  HOME=$HOME/other-$file qwenctl -q chats import "$files/$file" --json | jq -e '.data.unchanged == 2' >/dev/null
done
echo "all formats are read"
