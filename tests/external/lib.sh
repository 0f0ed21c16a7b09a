# Sourced by every suite: where the programs of others live, a server of our
# own on a free port, and one way to skip.
#
# Variables a caller may set:
#   SPECWRIGHT_TOOLS          where the programs are installed (outside the checkout)
#   SPECWRIGHT_REQUIRE_TOOLS  1: a missing program is a failure, not a skip
#   SPECWRIGHT_SERVER         a server that is built already
#   SPECWRIGHT_CLI            a `specwright` that is built already
#   SPECWRIGHT_CORPUS         a folder with contracts that others wrote

set -euo pipefail

EXTERNAL=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$EXTERNAL/../.." && pwd)
TOOLS=${SPECWRIGHT_TOOLS:-${HOME:-/tmp}/.cache/specwright-tools}
SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/specwright-external.XXXXXX")
SERVER_PID=

# Ends the suite as skipped (exit 77), or as failed where programs are required.
skip() {
  echo "SKIPPED: $(basename "$0") because $1"
  [ "${SPECWRIGHT_REQUIRE_TOOLS:-0}" = 1 ] && exit 1
  exit 77
}

fail() {
  echo "FAILED: $1" >&2
  if [ -s "$SCRATCH/server.log" ]; then
    echo "--- the last lines of the server's log" >&2
    tail -n 20 "$SCRATCH/server.log" >&2
  fi
  exit 1
}

need() {
  command -v "$1" >/dev/null || skip "the program \`$1\` is missing ($2)"
}

stop_server() {
  [ -n "$SERVER_PID" ] || return 0
  # A server that a script started is the script's child.
  pkill -P "$SERVER_PID" 2>/dev/null || true
  kill "$SERVER_PID" 2>/dev/null || true
  wait "$SERVER_PID" 2>/dev/null || true
  SERVER_PID=
}

finish() {
  stop_server
  [ "${SPECWRIGHT_KEEP:-0}" = 1 ] && echo "kept: $SCRATCH" || rm -rf "$SCRATCH"
}
trap finish EXIT

# A port that nobody listens on now. Another program may take it before the
# caller does; the caller's wait then ends with a clear failure.
free_port() {
  python3 - <<'P'
import socket
with socket.socket() as s:
    s.bind(("127.0.0.1", 0))
    print(s.getsockname()[1])
P
}

# await URL PID: waits up to 30 seconds for a 200.
await() {
  local i
  for i in $(seq 300); do
    [ "$(curl -s -o /dev/null -w '%{http_code}' "$1" || true)" = 200 ] && return 0
    kill -0 "$2" 2>/dev/null || fail "the server ended before it was ready"
    sleep 0.1
  done
  fail "nothing answered 200 at $1 within 30 seconds"
}

build_server() {
  [ -n "${SPECWRIGHT_SERVER:-}" ] && return 0
  (cd "$ROOT" && cargo build --release --package specwright-server >&2)
  SPECWRIGHT_SERVER=$(target_dir)/release/specwright-server
}

build_cli() {
  [ -n "${SPECWRIGHT_CLI:-}" ] && return 0
  (cd "$ROOT" && cargo build --release --package specwright >&2)
  SPECWRIGHT_CLI=$(target_dir)/release/specwright
}

target_dir() {
  echo "${CARGO_TARGET_DIR:-$ROOT/target}"
}

# start_server [ARGUMENT…]: our server over a database of its own; sets PORT
# and BASE. Without arguments it gets a new SQLite file.
start_server() {
  need curl "it asks the server whether it is ready"
  need python3 "it finds a free port"
  build_server
  PORT=$(free_port)
  BASE=http://127.0.0.1:$PORT
  [ $# -gt 0 ] || set -- --database "sqlite:$SCRATCH/server.db"
  (cd "$SCRATCH" && exec "$SPECWRIGHT_SERVER" --listen "127.0.0.1:$PORT" "$@") \
    >"$SCRATCH/server.log" 2>&1 &
  SERVER_PID=$!
  await "$BASE/health/ready" "$SERVER_PID"
}

# need_npm: installs the npm packages of package-lock.json, once for each
# version of that file, and sets NODE_PATH to them.
need_npm() {
  need node "the suite's script runs in it"
  need npm "it installs the suite's packages"
  local home
  home=$TOOLS/npm-$(sha256sum "$EXTERNAL/package-lock.json" | cut -c1-16)
  if [ ! -e "$home/.complete" ]; then
    rm -rf "$home" && mkdir -p "$home"
    cp "$EXTERNAL/package.json" "$EXTERNAL/package-lock.json" "$home/"
    (cd "$home" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) \
      >"$SCRATCH/npm.log" 2>&1 || skip "npm installed nothing: $(tail -n 3 "$SCRATCH/npm.log")"
    touch "$home/.complete"
  fi
  NPM_HOME=$home
  export NODE_PATH=$home/node_modules
}

# in_browser SCRIPT [ARGUMENT…]: a headless Chromium on the docs page of a server with these
# arguments, as the script says. SPECWRIGHT_SCREENSHOT=FILE keeps the picture.
in_browser() {
  local script=$1 chromium
  shift
  chromium=${SPECWRIGHT_CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
  [ -n "$chromium" ] || skip "no Chromium is installed"
  need_npm
  start_server "$@"
  node "$EXTERNAL/scripts/$script" "$BASE" "$chromium" "$SCRATCH" \
    "${SPECWRIGHT_SCREENSHOT:-$SCRATCH/page.png}" || fail "the docs page does not do what a reader does on it"
}

# need_python: installs the packages of requirements.txt into an environment
# of their own, once for each version of that file, and sets VENV to it.
need_python() {
  need python3 "the suite's program runs in it"
  VENV=$TOOLS/python-$(sha256sum "$EXTERNAL/requirements.txt" | cut -c1-16)
  [ -e "$VENV/.complete" ] && return 0
  rm -rf "$VENV" && mkdir -p "$TOOLS"
  python3 -m venv "$VENV" >"$SCRATCH/pip.log" 2>&1 \
    || skip "python3 made no environment: $(tail -n 3 "$SCRATCH/pip.log")"
  "$VENV/bin/pip" install --quiet --disable-pip-version-check \
    --requirement "$EXTERNAL/requirements.txt" >"$SCRATCH/pip.log" 2>&1 \
    || skip "pip installed nothing: $(tail -n 3 "$SCRATCH/pip.log")"
  touch "$VENV/.complete"
}
