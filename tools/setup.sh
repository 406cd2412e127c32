#!/usr/bin/env bash
# Set everything up: system libraries, Python environment, front-end assets, message catalogues.
#
#   tools/setup.sh run     what serving the site needs
#   tools/setup.sh full    that, and what the tests and checks need
#
# It asks the machine for git, make and Python 3.11 or newer only. Every step looks first whether its work is
# done, so that a second run takes a fraction of a second. System packages come by apt, if we may (root, or sudo
# without a password); otherwise the one line to run is printed. Nothing outside this folder is touched but those
# packages. uv and everything else live in .venv-uv and .venv.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly KIND="${1:-run}"
readonly UV_VERSION="0.13.9"
readonly UV_HOME=".venv-uv"
readonly VENV=".venv"
readonly BUILD=".build"

say() { printf '%s\n' "$*" >&2; }
stop() { say "$*"; exit 1; }

# ---- Python -------------------------------------------------------------------------------------------

find_python() {
    local name
    for name in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11; do
        if [ -n "$name" ] && command -v "$name" >/dev/null \
            && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    stop "Python 3.11 or newer is needed, but was not found (python3 is: $(python3 --version 2>&1 || echo missing))." \
        "Install it, or name one: make run PYTHON=/path/to/python3"
}

# ---- System packages ----------------------------------------------------------------------------------

# The names of the Debian packages that are missing, one per line; probed by what they give, not by name, so that
# other distributions and hand-made installations count too.
missing_packages() {
    "$1" - "$KIND" <<'PROBE'
import ctypes
import importlib.util
import pathlib
import shutil
import sys


def loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


if importlib.util.find_spec("ensurepip") is None and not pathlib.Path(".venv-uv/bin/uv").exists():
    print(f"python{sys.version_info.major}.{sys.version_info.minor}-venv")
for library, package in (
    ("libpango-1.0.so.0", "libpango-1.0-0"),
    ("libpangoft2-1.0.so.0", "libpangoft2-1.0-0"),
    ("libharfbuzz-subset.so.0", "libharfbuzz-subset0"),
):
    if not loads(library):
        print(package)
if not pathlib.Path("/etc/fonts/fonts.conf").exists():
    print("fontconfig")
if sys.argv[1] == "full":
    if not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"))):
        print("chromium")
    if not shutil.which("javac"):
        print("default-jdk-headless")
    if not shutil.which("clamd") and not pathlib.Path("/usr/sbin/clamd").exists():
        print("clamav-daemon")
    # Playwright brings a Node of its own, which wants this beside the C library.
    if not loads("libatomic.so.1"):
        print("libatomic1")
PROBE
}

# Ubuntu's chromium package only leads to a snap, which does not run in a container.
can_be_had() {
    [ "$1" != chromium ] || ! grep -q '^ID=ubuntu' /etc/os-release 2>/dev/null
}

install_packages() {
    local python="$1" as_root="" package missing=()
    for package in $(missing_packages "$python"); do
        if can_be_had "$package"; then
            missing+=("$package")
        fi
    done
    [ "${#missing[@]}" -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ] && command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        as_root="sudo"
    fi
    if command -v apt-get >/dev/null && { [ "$(id -u)" -eq 0 ] || [ -n "$as_root" ]; }; then
        say "Installing system packages: ${missing[*]}"
        apt_get "$as_root" update || say "apt-get update failed; going on with the lists at hand."
        apt_get "$as_root" install --no-install-recommends "${missing[@]}" || true
    fi
    missing=()
    for package in $(missing_packages "$python"); do
        if can_be_had "$package"; then
            missing+=("$package")
        fi
    done
    [ "${#missing[@]}" -gt 0 ] || return 0
    say "" "These system packages are missing, and this account may not install them. Run:" ""
    say "    sudo apt-get install --no-install-recommends ${missing[*]}"
    say ""
    case " ${missing[*]} " in
        *"-venv "* | *" libpango"*) stop "Then start again." ;;
        *) say "Going on without: what needs them is left out, with the reason." ;;
    esac
}

apt_get() {
    local as_root="$1"
    shift
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
        -o Acquire::Retries=3 -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 "$@" >"$BUILD/apt.log" 2>&1 || {
        tail -n 5 "$BUILD/apt.log" >&2
        return 1
    }
}

# ---- Python environment -------------------------------------------------------------------------------

install_uv() {
    local python="$1"
    if [ "$("$UV_HOME/bin/uv" --version 2>/dev/null | cut -d' ' -f2)" = "$UV_VERSION" ]; then
        return 0
    fi
    say "Installing uv $UV_VERSION"
    rm -rf "$UV_HOME"
    "$python" -m venv "$UV_HOME"
    "$UV_HOME/bin/python" -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION"
}

# --inexact: serving after testing must not take the test tools away again.
sync_environment() {
    local python="$1" groups=(--no-default-groups --group assets)
    [ "$KIND" = full ] && groups=()
    say "Installing the Python packages"
    "$UV_HOME/bin/uv" sync --quiet --frozen --inexact --python "$python" "${groups[@]}"
}

# What the environment is made from; the folder counts, because scripts in .venv carry its full path.
environment_stamp() {
    { pwd; "$1" --version; cat uv.lock pyproject.toml tools/setup.sh; } | sha256sum | cut -d' ' -f1
}

# ---- Browser ------------------------------------------------------------------------------------------

# Where apt has no browser that runs (Ubuntu), Playwright may fetch one; tried once, missed without harm.
fetch_browser() {
    if [ -e "$BUILD/browser.tried" ] || can_be_had chromium || command -v chromium google-chrome >/dev/null; then
        return 0
    fi
    say "Fetching a browser for the tests"
    timeout 300 "$VENV/bin/playwright" install --with-deps chromium >"$BUILD/browser.log" 2>&1 \
        || say "No browser could be had: the browser tests are skipped, with this reason."
    touch "$BUILD/browser.tried"
}

# ---- Message catalogues -------------------------------------------------------------------------------

compile_catalogues() {
    local catalogue stale=""
    for catalogue in prevention/translations/*/LC_MESSAGES/messages.po; do
        if [ -e "$catalogue" ] && [ ! "${catalogue%.po}.mo" -nt "$catalogue" ]; then
            stale=yes
        fi
    done
    if [ -n "$stale" ]; then
        "$VENV/bin/pybabel" --quiet compile --directory prevention/translations
    fi
}

main() {
    case "$KIND" in run | full) ;; *) stop "usage: tools/setup.sh run|full" ;; esac
    local python stamp
    mkdir -p "$BUILD"
    # Two set-ups at the same time would write into the same environment.
    if command -v flock >/dev/null; then
        exec 9>"$BUILD/setup.lock"
        flock 9
    fi
    python="$(find_python)"
    install_packages "$python"
    stamp="$(environment_stamp "$python")"
    if [ "$(cat "$BUILD/environment.$KIND" 2>/dev/null)" != "$stamp" ] || ! "$VENV/bin/python" -c '' 2>/dev/null; then
        install_uv "$python"
        sync_environment "$python"
        [ "$KIND" = run ] || printf '%s\n' "$stamp" >"$BUILD/environment.full"
        printf '%s\n' "$stamp" >"$BUILD/environment.run"
    fi
    "$VENV/bin/python" tools/build_assets.py
    [ "$KIND" = run ] || fetch_browser
    compile_catalogues
}

main
