#!/usr/bin/env bash
# Other people's clients, unmodified, against `serve` and the local upstream: the test suite of the
# OpenAI SDK for Python, and scripts that use clients as people do. Installs pinned versions into
# target/clients. Usage: tests/clients/run.sh [NAME...], such as `tests/clients/run.sh openai_node llm_python`.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=$PWD/tests/clients
work=$PWD/target/clients
mkdir -p "$work"

source "$here/install.sh"
cargo build --quiet
source "$here/servers.sh"

# What `serve --local` starts in one process, in two: so the scripts can ask the upstream what it does.
start local local --port 0 --no-pace --write-token "$home/token"
export QWEN_API_URL QWEN_AUTH_URL
QWEN_API_URL=$(text api_url) QWEN_AUTH_URL=$(text auth_url)
LIMITED_KEY=$(qwenctl keys create limited --limit "1 per second" 2>/dev/null)
start serve --token-file "$home/token" serve --port 0 --chat-wait 100ms --any-model \
  --model-alias gpt-4o=local-echo-max
url=$(text url)

export LOCAL_URL=$QWEN_AUTH_URL QWENCTL_URL=$url LIMITED_KEY
export OPENAI_BASE_URL=$url/v1 OPENAI_API_KEY=none ANTHROPIC_BASE_URL=$url ANTHROPIC_API_KEY=none
# What is not for this server must not get there by a proxy, and nothing is asked of anybody else.
export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1 LITELLM_LOCAL_MODEL_COST_MAP=True
export PYTHONDONTWRITEBYTECODE=1

if (($# == 0)); then
  source "$here/sdk_suite.sh"
  set -- openai_python anthropic_python langchain_openai_python litellm_python llm_python openai_node anthropic_node
fi
for name; do
  echo "--- $name"
  case $name in
    *_node) timeout 120 node "$work/node/$name.mjs" ;;
    *) timeout 120 "$python" "$here/$name.py" ;;
  esac
done

echo "--- no chat is left but those that were to be kept"
"$python" "$here/kept.py"
