#!/usr/bin/env bash
# Run other people's clients, unmodified, against `serve` and the local upstream: the test suite of the
# OpenAI SDK for Python, and scripts with typical uses of each client. Installs pinned versions into
# target/clients. Usage: tests/clients/run.sh [NAME...], such as `tests/clients/run.sh openai_node llm_python`.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=$PWD/tests/clients
work=$PWD/target/clients
mkdir -p "$work"

source "$here/install.sh"
cargo build --quiet
source "$here/servers.sh"

# Run server and upstream as two processes, so that the scripts can query the upstream.
start local local --port 0 --no-pace --write-token "$home/token"
export QWEN_API_URL QWEN_AUTH_URL
QWEN_API_URL=$(text api_url) QWEN_AUTH_URL=$(text auth_url)
LIMITED_KEY=$(qwenctl keys create limited --limit "1 per second" 2>/dev/null)
start serve --token-file "$home/token" serve --port 0 --chat-wait 100ms --any-model --mcp-allow-ask \
  --model-alias gpt-4o=local-echo-max
url=$(text url)

export QWENCTL=$PWD/target/debug/qwenctl QWENCTL_HOME=$home TOKEN_FILE=$home/token
export LOCAL_URL=$QWEN_AUTH_URL QWENCTL_URL=$url LIMITED_KEY
export OPENAI_BASE_URL=$url/v1 OPENAI_API_KEY=none ANTHROPIC_BASE_URL=$url ANTHROPIC_API_KEY=none
# Bypass proxies, and make no request to any other host.
export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1 LITELLM_LOCAL_MODEL_COST_MAP=True
export PYTHONDONTWRITEBYTECODE=1

if (($# == 0)); then
  source "$here/sdk_suite.sh"
  set -- openai_python anthropic_python langchain_openai_python litellm_python llm_python mcp_python \
    openai_node anthropic_node mcp_node
fi
for name; do
  echo "--- $name"
  case $name in
    *_node) timeout 120 node "$work/node/$name.mjs" ;;
    *) timeout 120 "$python" "$here/$name.py" ;;
  esac
done

echo "--- only the chats that were kept on purpose are left"
"$python" "$here/kept.py"
