#!/usr/bin/env bash
# Run tool loops of SDKs, and coding agents as they are published, against `serve --engine` with a scripted
# model: each reads two files, writes one, runs a command that fails, and finishes.
# Usage: tests/clients/agents.sh [NAME...], such as `tests/clients/agents.sh claude codex`.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=$PWD/tests/clients
work=$PWD/target/clients
mkdir -p "$work/agents"

source "$here/install.sh"
cp "$here/agents/package.json" "$here/agents/package-lock.json" "$here/.npmrc" "$work/agents"
if ! cmp -s "$here/agents/package-lock.json" "$work/installed-agents.json"; then
  # Without their scripts: the programs are in packages of their own, of which the lock file has only those
  # for this platform; `npm ci` wants all.
  npm install --no-save --silent --no-audit --no-fund --ignore-scripts --prefix "$work/agents"
  cp "$here/agents/package-lock.json" "$work/installed-agents.json"
fi
modules=$work/agents/node_modules

cargo build --quiet
source "$here/servers.sh"
mkfifo "$home/engine"
node "$here/scripted_engine.mjs" >"$home/engine" 2>"$home/engine.log" &
children+=($!)
IFS= read -r -t 20 engine <"$home/engine"
start serve --local --engine "$engine" serve --port 0
url=$(text url)
node "$here/scripted_engine.mjs" content "$home/content"
export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1
export LIMITED_KEY=none ENGINE_SERVER=$url ENGINE_CONTENT=$home/content

# The work of one agent, in a home and a directory of its own: `agent NAME COMMAND...`.
agent() {
  local place=$home/$1
  mkdir -p "$place/home" "$place/work"
  echo '# NEEDLE-1' >"$place/work/one.txt"
  echo '# NEEDLE-2' >"$place/work/two.txt"
  if ! (cd "$place/work" && HOME=$place/home timeout 100 "${@:2}" "TASK in $place/work : do it" \
    </dev/null >"$place/out" 2>"$place/err"); then
    echo "$1 failed"
    tail -c 3000 "$place/out" "$place/err"
    return 1
  fi
  grep -q 'NEEDLE-1 and NEEDLE-2' "$place/out" || { echo "$1: no answer"; tail -c 3000 "$place/out" "$place/err"; return 1; }
  cmp "$home/content" "$place/work/out.txt" || { echo "$1: the file differs"; return 1; }
  echo "ok $1"
}

claude() {
  agent claude env ANTHROPIC_BASE_URL="$url" ANTHROPIC_AUTH_TOKEN=none ANTHROPIC_MODEL=scripted \
    ANTHROPIC_SMALL_FAST_MODEL=scripted ANTHROPIC_DEFAULT_HAIKU_MODEL=scripted \
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1 \
    "$modules/@anthropic-ai/claude-code-linux-x64/claude" \
    --output-format json --allowedTools Read,Write,Edit,Bash -p
}

codex() {
  mkdir -p "$home/codex/home"
  cat >"$home/codex/home/config.toml" <<TOML
model = "scripted"
model_provider = "q"
[model_providers.q]
name = "q"
base_url = "$url/v1"
wire_api = "responses"
env_key = "Q_KEY"
TOML
  agent codex env CODEX_HOME="$home/codex/home" Q_KEY=none node "$modules/@openai/codex/bin/codex.js" exec \
    --json --skip-git-repo-check --dangerously-bypass-approvals-and-sandbox
}

opencode() {
  mkdir -p "$home/opencode/work"
  cat >"$home/opencode/work/opencode.json" <<JSON
{"model": "q/scripted", "small_model": "q/scripted", "autoupdate": false, "share": "disabled",
  "permission": {"edit": "allow", "bash": "allow", "webfetch": "deny"},
  "provider": {"q": {"npm": "@ai-sdk/openai-compatible", "name": "q",
    "options": {"baseURL": "$url/v1", "apiKey": "none"}, "models": {"scripted": {"name": "scripted"}}}}}
JSON
  agent opencode "$modules/opencode-linux-x64/bin/opencode" run -m q/scripted
}

(($# > 0)) || set -- tools_python tools_node claude codex opencode
pids=()
for name; do
  case $name in
    tools_node) timeout 120 node "$work/node/$name.mjs" ;;
    tools_python) timeout 120 "$python" "$here/$name.py" ;;
    *)
      "$name" &
      pids+=($!)
      ;;
  esac
done
for pid in "${pids[@]}"; do wait "$pid"; done
