# Start qwenctl in the background, and stop it when the script exits.

home=$(mktemp -d)
children=()
end() {
  ((${#children[@]} == 0)) || kill "${children[@]}" 2>/dev/null || true
  wait || true
  rm -rf "$home"
}
trap end EXIT

qwenctl() {
  env -u XDG_CONFIG_HOME -u XDG_DATA_HOME -u QWEN_TOKEN HOME="$home" target/debug/qwenctl "$@"
}

# Run `qwenctl ARGUMENTS` in the background; `announced` is its first line, in JSON.
announced=
start() { # NAME ARGUMENTS...
  mkfifo "$home/$1"
  env -u XDG_CONFIG_HOME -u XDG_DATA_HOME -u QWEN_TOKEN HOME="$home" \
    target/debug/qwenctl --json -q "${@:2}" >"$home/$1" 2>"$home/$1.log" &
  children+=($!)
  IFS= read -r -t 60 announced <"$home/$1" || { cat "$home/$1.log"; exit 1; }
}

# A string member of `announced`.
text() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" <<<"$announced"; }
