# Install the clients in pinned versions into `work`; set `python`.

if ! python3 -c 'import ensurepip, venv' 2>/dev/null || ! command -v npm >/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -qq -y --no-install-recommends python3 python3-venv nodejs npm >/dev/null
fi

# Whether `$1` differs from what was installed last time.
is_new() { ! cmp -s "$1" "$work/installed-$(basename "$1")"; }
installed() { cp "$1" "$work/installed-$(basename "$1")"; }

install_python() {
  is_new "$here/requirements.txt" || return 0
  rm -rf "$work/py" "$work/sdist"
  python3 -m venv "$work/py"
  local pip=("$work/py/bin/python" -m pip --quiet --disable-pip-version-check)
  "${pip[@]}" install -r "$here/requirements.txt"
  # Only the source distribution contains the tests.
  local sdk
  sdk=$(grep -o '^openai.*' "$here/requirements.txt" | sed 's/\[.*\]//')
  "${pip[@]}" download --no-deps --no-binary openai -d "$work/sdist" "$sdk"
  tar xzf "$work"/sdist/openai-*.tar.gz -C "$work/sdist"
  installed "$here/requirements.txt"
}

install_node() {
  mkdir -p "$work/node"
  # Node looks for packages beside the importing script.
  cp "$here"/*.mjs "$here"/package*.json "$here/.npmrc" "$work/node"
  is_new "$here/package-lock.json" || return 0
  npm ci --silent --no-audit --no-fund --ignore-scripts --prefix "$work/node"
  installed "$here/package-lock.json"
}

install_python
install_node
python=$work/py/bin/python
