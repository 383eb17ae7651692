"""Environment files: nothing in them is resolved, so the value leaves; its name goes to `.env.example`.

Syntax: github.com/motdotla/dotenv, docs.docker.com/reference/compose-file (env_file), git-scm.com/docs/gitignore.
"""

import re
import shlex
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from secretsweep import lazyre
from secretsweep.formats.dotenv import PATHS as _OWN
from secretsweep.model import REVIEW, Addition, Change, Edit, FileEdit, Refusal, Spot
from secretsweep.writers import File, Tree, _fetch, _sops
from secretsweep.writers._literal import quoted

FORMATS = ("dotenv",)
PARTS = False

_EXAMPLE = lazyre.compile(r"(?:^|[.\-_])(?:example|sample|dist|template|tpl|defaults?)(?:$|[.\-_])", re.IGNORECASE)
_SPECIAL = lazyre.compile(r"[\\*?\[]| \Z")  # what a pattern of gitignore means in another way
_BREAKS = lazyre.compile(r"[\r\n]")  # no pattern can say it
_LOADED = {
    "vault": "or an agent's template, or vals: ref+vault://",
    "aws-secretsmanager": "or vals: ref+awssecrets://",
    "aws-ssm": "or chamber exec, or vals: ref+awsssm://",
    "azure-keyvault": "or vals: ref+azurekeyvault://",
    "gcp-secretmanager": "or vals: ref+gcpsecrets://",
}


def rewrite(spots: Sequence[Spot], file: File, tree: Tree) -> Iterator[Change | Refusal]:
    """One entry, one change; the same additions are made once."""
    for spot in spots:
        command = _fetch.command(spot.reference, str(PurePosixPath(spot.path).parent))
        if len(spot.formats) > 1:
            yield Refusal(
                spot, f"{spot.formats[0]} writes this file as it is", "write it when the program starts, from the store"
            )
        elif spot.encodings or not command:
            yield Refusal(spot, "the value is written in another way", "replace it by hand")
        elif not _OWN.search(file.path):
            yield Refusal(spot, "nothing says who reads this file", "replace it by hand")
        else:
            yield _emptied(spot, file, tree, command)


def _emptied(spot: Spot, file: File, tree: Tree, command: str) -> Change:
    span = quoted(file.data, spot)
    mark = file.data[span.start : spot.literal.start]
    edits = (FileEdit(file.path, Edit(span, mark * 2)),)
    path = PurePosixPath(file.path)
    if _EXAMPLE.search(path.name):
        return Change((spot,), edits, disposition=REVIEW)
    loaded = _loaded(spot)
    needs = (
        f"fill {spot.key} in where {file.path} is used: {command}" + (f" ({loaded})" if loaded else ""),
        f"take the file out of the repository, and keep yours: git rm --cached -- {shlex.quote(file.path)}",
    )
    additions = tuple(_additions(spot, path, tree))
    return Change((spot,), edits, additions, REVIEW, needs, ("until it is filled in, programs get an empty value",))


def _loaded(spot: Spot) -> str:
    """What else fills it in: where names are keys, sops can start a program with them."""
    if spot.reference.store == _sops.STORE and spot.reference.field == spot.key:
        file = _sops.path(spot.reference, str(PurePosixPath(spot.path).parent))
        return f"or sops exec-env {shlex.quote(file)} COMMAND"
    return _LOADED.get(spot.reference.store, "")


def _additions(spot: Spot, path: PurePosixPath, tree: Tree) -> Iterator[Addition]:
    example = (path.parent / ".env.example").as_posix()
    entry = re.compile(rb"^(?:export[ \t]+)?" + re.escape(spot.key.encode()) + rb"[ \t]*=", re.MULTILINE)
    if not entry.search(tree.read(example) or b""):
        yield Addition(example, f"{spot.key}=\n", "names of the variables, for those who fill them in")
    if not ignored(path.as_posix(), tree) and not _BREAKS.search(str(path)):
        literal = _SPECIAL.sub(r"\\\g<0>", str(path))
        yield Addition(".gitignore", f"/{literal}\n", "keeps the filled-in file out of the repository")


def ignored(path: str, tree: Tree) -> bool:
    """Whether the repository's .gitignore files name a path, by the patterns that people write for single files."""
    found = False
    parts = PurePosixPath(path).parts
    for depth in range(len(parts)):
        base = "/".join(parts[:depth])
        rest, name = "/".join(parts[depth:]), parts[-1]
        data = tree.read(f"{base}/.gitignore" if base else ".gitignore") or b""
        for line in data.decode("utf-8", "replace").splitlines():
            pattern = line.rstrip()
            keeps = pattern.startswith("!")
            pattern = pattern[keeps:]
            if not pattern or pattern.startswith("#") or pattern.endswith("/"):
                continue
            pattern = pattern.removeprefix("**/")
            anchored = "/" in pattern
            if fnmatchcase(rest if anchored else name, pattern.removeprefix("/")):
                found = not keeps
    return found
