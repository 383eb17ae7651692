"""A repository that starts programs of its own wherever git lets it."""

from pathlib import Path

from repositories import Repo


def trap(repo: Repo, tmp_path: Path, text: str) -> Path:
    """Commit `text` as a.yml, and let everything in the configuration that names a program name a script that leaves
    the canary."""
    canary = tmp_path / "canary"
    script = tmp_path / "script"
    script.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> {canary}\ncat\n')
    script.chmod(0o755)
    hooks = repo.path / "hooks"
    hooks.mkdir()
    repo.commit({"a.yml": text, "b.bin": "x\n", "signed": "1\n"})
    attributes = "* filter=trap diff=trap merge=trap\n*.bin working-tree-encoding=UTF-16LE\n"
    repo.commit({".gitattributes": attributes, "c.yml": "c: 1\n"})
    repo.commit({"a.yml": "# edited\n" + text})
    for hook in ("post-checkout", "pre-commit", "post-index-change", "reference-transaction", "fsmonitor-watchman"):
        (repo.path / ".git/hooks" / hook).write_bytes(script.read_bytes())
        (repo.path / ".git/hooks" / hook).chmod(0o755)
        (hooks / hook).write_bytes(script.read_bytes())
        (hooks / hook).chmod(0o755)
    side = repo.snapshot({"a.yml": "b: 1\n"}, [repo.text("rev-parse", "HEAD")])
    body = repo.run("cat-file", "commit", side).replace(
        b"\n\n", b"\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n aaaa\n -----END PGP SIGNATURE-----\n\n", 1
    )
    signed = repo.text("hash-object", "-t", "commit", "-w", "--stdin", data=body)
    repo.run("update-ref", "refs/heads/signed", signed)
    repo.run("notes", "add", "-m", "a note", signed)
    program = str(script)
    (repo.path / ".git/info/attributes").write_text(attributes)
    settings = {
        "core.fsmonitor": program,
        "core.fsmonitorHookVersion": "1",
        "core.hooksPath": str(hooks),
        "core.pager": program,
        "core.editor": program,
        "core.sshCommand": program,
        "core.gitProxy": program,
        "core.askPass": program,
        "core.alternateRefsCommand": program,
        "core.attributesFile": str(repo.path / ".gitattributes"),
        "core.untrackedCache": "true",
        "pager.log": program,
        "pager.cat-file": program,
        "pager.rev-list": program,
        "diff.external": program,
        "diff.trap.command": program,
        "diff.trap.textconv": program,
        "filter.trap.clean": program,
        "filter.trap.smudge": program,
        "filter.trap.process": program,
        "filter.trap.required": "true",
        "merge.trap.driver": program,
        "gpg.program": program,
        "gpg.ssh.program": program,
        "gpg.format": "openpgp",
        "log.showSignature": "true",
        "log.mailmap": "true",
        "log.diffMerges": "off",
        "log.follow": "true",
        "log.showRoot": "false",
        "diff.relative": "true",
        "diff.ignoreSubmodules": "all",
        "diff.renames": "copies",
        "diff.orderFile": "/nowhere/at/all",
        "diff.noprefix": "true",
        "format.pretty": "format:nothing",
        "log.date": "human",
        "color.ui": "always",
        "alias.log": f"!{program}",
        "alias.cat-file": f"!{program}",
        "alias.rev-list": f"!{program}",
        "credential.helper": f"!{program}",
        "remote.origin.url": f"ext::{program}",
        "remote.origin.promisor": "true",
        "remote.origin.uploadpack": program,
        "protocol.ext.allow": "always",
        "uploadpack.packObjectsHook": program,
        "sequence.editor": program,
        "browser.x.cmd": program,
        "web.browser": "x",
        "trailer.x.command": program,
        "interactive.diffFilter": program,
        "i18n.logOutputEncoding": "UTF-16",
        "i18n.commitEncoding": "UTF-16",
        "core.quotePath": "true",
        "core.abbrev": "4",
        "gc.auto": "1",
        "maintenance.auto": "true",
        "submodule.recurse": "true",
        "fetch.recurseSubmodules": "true",
        "transfer.hideRefs": "refs/heads/signed",
    }
    with (repo.path / ".git/config").open("a") as config:
        for name, value in settings.items():
            config.write(f'[{_section(name)}]\n\t{name.rpartition(".")[2]} = "{value}"\n')
    canary.unlink(missing_ok=True)  # the hooks have run while the repository was made
    return canary


def _section(name: str) -> str:
    first, _, rest = name.partition(".")
    middle = rest.rpartition(".")[0]
    return f'{first} "{middle}"' if middle else first
