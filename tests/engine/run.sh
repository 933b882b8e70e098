#!/usr/bin/env bash
# Run model servers behind the local upstream: llama.cpp's server with small generated models, and
# litellm's proxy. Installs pinned versions into target/engine.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=$PWD/tests/engine
work=$PWD/target/engine
mkdir -p "$work"

if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -qq -y --no-install-recommends python3 python3-venv >/dev/null
fi

if ! cmp -s "$here/requirements.txt" "$work/installed.txt"; then
  rm -rf "$work/py"
  python3 -m venv "$work/py"
  "$work/py/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
  cp "$here/requirements.txt" "$work/installed.txt"
fi
python=$work/py/bin/python

cargo build --quiet
home=$(mktemp -d)
started=()
end() {
  for process in "${started[@]}"; do kill "$process" 2>/dev/null || true; done
  rm -rf "$home"
}
trap end EXIT
# Bypass proxies.
export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1
export HOME=$home
unset XDG_CONFIG_HOME XDG_DATA_HOME QWEN_TOKEN QWENCTL_ENGINE QWENCTL_ENGINE_KEY

# Wait until file $1 is not empty; fail if process $2 exits.
filled() {
  until [[ -s $1 ]]; do
    kill -0 "$2" || { cat "$home"/*.log; exit 1; }
    sleep 0.1
  done
}

"$python" "$here/llama.py" "$home/tiny.gguf" 2048 >"$home/llama" 2>"$home/llama.log" &
started+=($!)
"$python" "$here/llama.py" "$home/talker.gguf" 131072 talks >"$home/talker" 2>"$home/talker.log" &
started+=($!)
filled "$home/llama" "${started[0]}"
filled "$home/talker" "${started[1]}"
LLAMA=$(<"$home/llama")
TALKER=$(<"$home/talker")

PROXY_KEY=sk-$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$home/litellm.yaml" <<YAML
model_list:
  - model_name: tiny
    litellm_params: {model: openai/tiny, api_base: $LLAMA/v1, api_key: none}
  - model_name: absent
    litellm_params: {model: openai/absent, api_base: "http://127.0.0.1:1/v1", api_key: none, max_retries: 0}
general_settings: {master_key: $PROXY_KEY}
router_settings: {num_retries: 0, disable_cooldowns: true}
YAML
LITELLM_LOCAL_MODEL_COST_MAP=True LITELLM_TELEMETRY=False "$work/py/bin/litellm" \
  --config "$home/litellm.yaml" --host 127.0.0.1 --port "$port" >"$home/litellm.log" 2>&1 &
started+=($!)
PROXY=http://127.0.0.1:$port
for _ in {1..600}; do
  kill -0 "${started[2]}" || { cat "$home/litellm.log"; exit 1; }
  if curl -sf "$PROXY/health/liveliness" >/dev/null; then break; fi
  sleep 0.1
done

export QWENCTL=$PWD/target/debug/qwenctl LLAMA TALKER PROXY PROXY_KEY
timeout 180 "$python" "$here/check.py" || { tail -n 40 "$home"/*.log; exit 1; }
