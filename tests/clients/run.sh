#!/usr/bin/env bash
# Other people's clients, unmodified, against `serve --local`: the test suite of the OpenAI SDK for
# Python, and scripts that use SDKs as people do. Installs pinned versions into target/clients.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=$PWD/tests/clients
work=$PWD/target/clients
mkdir -p "$work"

if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -qq -y --no-install-recommends python3 python3-venv >/dev/null
fi

if ! cmp -s "$here/requirements.txt" "$work/installed.txt"; then
  rm -rf "$work/py" "$work/sdist"
  python3 -m venv "$work/py"
  "$work/py/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
  # Its tests are in the source distribution only.
  sdk=$(grep -o '^openai.*' "$here/requirements.txt" | sed 's/\[.*\]//')
  "$work/py/bin/pip" download --quiet --disable-pip-version-check --no-deps --no-binary openai \
    -d "$work/sdist" "$sdk"
  tar xzf "$work"/sdist/openai-*.tar.gz -C "$work/sdist"
  cp "$here/requirements.txt" "$work/installed.txt"
fi
python=$work/py/bin/python

cargo build --quiet
home=$(mktemp -d)
server=
end() {
  if [[ -n $server ]]; then kill "$server" 2>/dev/null || true; fi
  rm -rf "$home"
}
trap end EXIT
env -u XDG_CONFIG_HOME -u XDG_DATA_HOME -u QWEN_TOKEN HOME="$home" \
  target/debug/qwenctl serve --local --port 0 --json -q --chat-wait 100ms --any-model \
  --model-alias gpt-4o=qwen3-max >"$home/address" 2>"$home/log" &
server=$!
until [[ -s $home/address ]]; do
  kill -0 "$server" || { cat "$home/log"; exit 1; }
done
url=$("$python" -c 'import json,sys; print(json.load(sys.stdin)["url"])' <"$home/address")
# What is not for this server must not get there by a proxy.
export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1
export OPENAI_BASE_URL=$url/v1 OPENAI_API_KEY=none ANTHROPIC_BASE_URL=$url ANTHROPIC_API_KEY=none
export QWENCTL_URL=$url

deselected=()
while read -r file name _; do
  [[ -n $file && $file != '#'* ]] || continue
  case $file in
    *completions*) classes=(TestCompletions TestAsyncCompletions) ;;
    *) classes=(TestModels TestAsyncModels) ;;
  esac
  for class in "${classes[@]}"; do
    for kind in method raw_response streaming_response; do
      deselected+=(--deselect "tests/api_resources/$file::$class::test_${kind}_$name")
    done
  done
done <"$here/deselected.txt"

echo "--- the test suite of the OpenAI SDK for Python; deselected, with the reasons:"
grep -v '^#' "$here/deselected.txt"
(
  cd "$work"/sdist/openai-*/
  TEST_API_BASE_URL=$url/v1 "$python" -m pytest -q --no-header -p no:cacheprovider -o addopts= \
    "${deselected[@]}" tests/api_resources/chat/test_completions.py tests/api_resources/test_models.py
)

for script in "$here"/*_python.py; do
  echo "--- $(basename "$script")"
  timeout 120 "$python" "$script"
done

echo "--- no chat is left but those that were to be kept"
"$python" - <<'EOF'
import json, os, time, urllib.request
url = os.environ["QWENCTL_URL"] + "/api/chats?all=true"
titles = None
for _ in range(100):
    chats = json.load(urllib.request.urlopen(url))["data"]
    titles = [chat["title"] or "" for chat in chats]
    if not any(title.startswith("qwenctl-ephemeral-") for title in titles):
        break
    time.sleep(0.1)
else:
    raise SystemExit(f"left: {titles}")
print(f"{len(titles)} kept")
EOF
