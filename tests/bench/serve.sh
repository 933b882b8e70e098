#!/usr/bin/env bash
# Requests per second through `qwenctl serve`, beside nginx as a plain proxy before the same upstream.
#
#   tests/bench/serve.sh [--seconds N] [--rounds N] [--check] [--qwenctl FILE]
#
# The upstream is an nginx with canned answers (serve/canned.sh). Both ways to it are driven in turn,
# round by round, by wrk with 32 connections; what counts is the median of the rounds' ratios, because
# absolute numbers say more about the machine. With --check a ratio below its budget is exit 1.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
seconds=5 rounds=5 check=false connections=32
qwenctl=$root/target/release/qwenctl

usage() { sed -n '2,8s/^# \{0,1\}//p' "$0"; }
fail() { printf '%s\n' "$*" >&2; exit 2; }

while (($#)); do
  case $1 in
    --seconds) seconds=${2:?}; shift ;;
    --rounds) rounds=${2:?}; shift ;;
    --qwenctl) qwenctl=${2:?}; shift ;;
    --check) check=true ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
  shift
done
[[ $seconds =~ ^[1-9][0-9]*$ && $rounds =~ ^[1-9][0-9]*$ ]] || fail "--seconds and --rounds take whole numbers"
PATH=$PATH:/usr/sbin
for program in nginx wrk curl jq; do
  command -v "$program" >/dev/null || fail "$program is missing; on Debian: apt-get install nginx-light wrk curl jq"
done
[[ -x $qwenctl ]] || fail "no $qwenctl; build it with: cargo build --release"

work=$(mktemp -d)
children=()
finish() {
  ((${#children[@]} == 0)) || kill "${children[@]}" 2>/dev/null || true
  wait || true
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

source "$here/serve/canned.sh"
canned_answers "$work/answers"
# Started by root, nginx reads the answers as another user.
chmod 755 "$work"

# Starts nginx with the configuration that `$1` prints for a port; sets `port`. nginx cannot
# choose a free port, so ports are tried in turn.
start_nginx() { # NAME CONFIGURATION
  local dir=$work/$1 pid
  mkdir -p "$dir"
  for _ in {1..20}; do
    port=$((20000 + RANDOM % 12000))
    "$2" "$dir" "$port" >"$dir/nginx.conf"
    nginx -p "$dir" -e "$dir/error.log" -c "$dir/nginx.conf" -g 'daemon off;' &
    pid=$!
    for _ in {1..50}; do
      if grep -qsF 'bind()' "$dir/error.log" || ! kill -0 "$pid" 2>/dev/null; then break; fi
      if [[ -s $dir/pid ]] && curl -fs -o "$dir/first" "127.0.0.1:$port/api/models"; then
        children+=("$pid")
        return
      fi
      sleep 0.1
    done
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    : >"$dir/error.log"
  done
  fail "nginx does not start: $(tail -3 "$dir/error.log")"
}

start_nginx upstream upstream_configuration
upstream=$port
start_nginx proxy proxy_configuration
proxy=$port
proxy_pid=${children[-1]}

env -i HOME="$work" PATH="$PATH" QWEN_TOKEN="$(composed_token)" NO_PROXY=127.0.0.1 \
  "$qwenctl" --json -q --api-url "http://127.0.0.1:$upstream/api" serve --port 0 >"$work/serve.json" &
serve_pid=$!
children+=("$serve_pid")
for _ in {1..100}; do
  [[ -s $work/serve.json ]] && break
  kill -0 "$serve_pid" 2>/dev/null || fail "qwenctl serve does not start"
  sleep 0.1
done
serve=$(jq -r .address "$work/serve.json")

# Resident KiB of a process and its children.
resident() {
  local pid sum=0
  for pid in "$1" $(cat "/proc/$1/task/$1/children"); do
    sum=$((sum + $(awk '/^VmRSS/ {print $2}' "/proc/$pid/status")))
  done
  echo "$sum"
}

# Prints "requests/s p50 p99 errors", times in milliseconds.
drive() { # CASE TARGET ADDRESS SECONDS
  wrk -t2 -c"$connections" -d"$4s" -s "$here/serve/load.lua" "http://$3" -- "$1" "$2" |
    sed -n 's/^result //p'
}

idle=$(resident "$serve_pid")
for case in list pages send v1 quick; do
  drive "$case" proxy "127.0.0.1:$proxy" 1 >/dev/null
  drive "$case" serve "$serve" 1 >/dev/null
done
for ((round = 1; round <= rounds; round++)); do
  for case in list pages send v1 quick; do
    for target in proxy serve; do
      address=$serve pid=$serve_pid
      [[ $target == serve ]] || address=127.0.0.1:$proxy pid=$proxy_pid
      result=$(drive "$case" "$target" "$address" "$seconds")
      printf '%s %s %s %s\n' "$case" "$target" "$result" "$(resident "$pid")" | tee -a "$work/results" >&2
    done
  done
done

awk -v check="$check" -v idle="$idle" -f "$here/serve/table.awk" "$work/results"
