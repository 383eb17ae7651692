# Sourced by audit and test: `environment FILE` makes .venv hold what the requirements FILE says, and $root/.venv/bin
# usable. Done once; a stamp, keyed by what decides the contents, makes the next call take no time.

say() { printf '%s\n' "$*" >&2; }

find_python() {
    # 3.11 first: the pinned versions are tested with it
    for candidate in python3.11 python3 python3.12 python3.13 python3.14 python; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    say "No Python 3.11 or newer is on PATH. Install one (Debian: apt install python3 python3-venv) and run this again."
    return 2
}

install_packages() {
    "$venv/bin/python" -m pip install -q --disable-pip-version-check "$@" >&2
}

environment() {
    venv=$root/.venv
    command -v git >/dev/null || { say "git is not on PATH. Install it (Debian: apt install git) and run this again."; return 2; }
    stamp=$( (printf '%s\n' "$root"; cat "$root/pyproject.toml" "$root/requirements.txt" "$root/$1") | git hash-object --stdin)
    mark=$venv/.secretsweep-${1%.txt}
    if [ "$(cat "$mark" 2>/dev/null)" = "$stamp" ] && "$venv/bin/python" -c '' 2>/dev/null; then
        return
    fi
    python=$(find_python) || return
    say "Setting up .venv from $1 (once, about a minute) …"
    rm -f "$mark"
    if [ "$(cat "$venv/.secretsweep-root" 2>/dev/null || printf %s "$root")" != "$root" ]; then
        rm -rf "$venv" # ours, but the checkout was moved: its programs name the old place
    fi
    "$venv/bin/python" -m pip --version >/dev/null 2>&1 || "$python" -m venv --clear "$venv" >&2 || {
        say "$python cannot make a virtual environment (Debian: apt install python3-venv)."
        return 2
    }
    printf '%s\n' "$root" >"$venv/.secretsweep-root"
    install_packages -r "$root/$1" && install_packages --no-deps --no-build-isolation -e "$root" || {
        say "Setting up .venv failed; the lines above say why. Running this again continues."
        return 2
    }
    printf '%s\n' "$stamp" >"$mark"
}
