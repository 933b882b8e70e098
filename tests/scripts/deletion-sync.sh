#!/usr/bin/env bash
# Hold with strace that the copy of a chat is synced to disk before the request that deletes it leaves.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo build --quiet
qwenctl=$PWD/target/debug/qwenctl
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
export HOME=$home XDG_DATA_HOME=$home/data XDG_CONFIG_HOME=$home/config

id=$("$qwenctl" --local chats new)
"$qwenctl" --local -q send "$id" Hello >"$home/out"
"$qwenctl" --local chats sync >"$home/out"
strace -f -y -qq -s 64 -o "$home/calls" -e trace=fsync,fdatasync,write,writev,sendto,sendmsg \
  "$qwenctl" --local chats delete "$id" --yes

request=$(grep -n "DELETE /api/v2/chats/" "$home/calls" | head -1 | cut -d: -f1)
[ -n "$request" ] || { echo "no request was seen"; exit 1; }
head -n "$request" "$home/calls" >"$home/before"
# Asked, copied, deleting: each of them is in the journal of the database.
syncs=$(grep -cE "f(data)?sync\(.*archive\.db-wal" "$home/before" || true)
last=$(grep -nE "pwrite64|write\(.*archive\.db-wal|f(data)?sync\(.*archive\.db-wal" "$home/before" | tail -1)
echo "syncs of the archive before the request: $syncs"
[ "$syncs" -ge 3 ] || { echo "fewer than three"; exit 1; }
case $last in *sync*) ;; *) echo "unsynced writes before the request: $last"; exit 1 ;; esac
