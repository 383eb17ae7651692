"""A chart as far as its values matter: which value names a Secret, and under which key it looks there for another."""

import posixpath
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from secretsweep import lazyre
from secretsweep.formats import Unparsed
from secretsweep.writers import File, Tree
from secretsweep.writers._choices import Choice, choices
from secretsweep.writers._manifests import Sheet
from secretsweep.writers._nodes import Node

_MENTION = lazyre.compile(rb"\.Values((?:\.[A-Za-z_]\w*)+)")
NAMES_SECRET = lazyre.compile(r"existing\w*Secret(?:Name)?|\w*ExistingSecret(?:Name)?|secretName|\w+SecretName")
_PLAIN = lazyre.compile(
    rb'["\']?\{\{-?\s*\.Values((?:\.[A-Za-z_]\w*)+)(?:\s*\|\s*(?:b64enc|quote|squote|toString|trim))*\s*-?\}\}["\']?'
)

Path = tuple[str, ...]


class Key(NamedTuple):
    """One key of the Secret that a chart makes of its values."""

    name: str
    value: Path  # the only value in it; empty when it is made of something else
    default: str | None = None  # what the chart takes where no values say it; None when it makes one up
    needed: bool = True  # else the chart does not look for it


class Chart(NamedTuple):
    folder: str
    name: str
    prefix: Path  # of its values in those of the chart around it
    switches: tuple[Path, ...]  # values that name a Secret
    secrets: tuple[tuple[Key, ...], ...]  # what its own Secrets hold
    choices: tuple[Choice, ...]


def of(path: str, tree: Tree) -> str | None:
    """The folder of the chart that a values file is in; None outside of charts."""
    every = _charts(tree)  # type: ignore[arg-type]
    folder = posixpath.dirname(path)
    while folder not in every:
        if not folder:
            return None
        folder = posixpath.dirname(folder)
    return folder


@lru_cache(maxsize=2)
def _charts(tree: Tree) -> frozenset[str]:
    return frozenset(posixpath.dirname(p) for p in tree.paths() if posixpath.basename(p) in ("Chart.yaml", "Chart.yml"))


def read(folder: str, tree: Tree, prefix: Path = ()) -> Chart:
    """What its templates say."""
    templates = f"{folder}/templates/" if folder else "templates/"
    mentioned: set[Path] = set()
    secrets: list[tuple[Key, ...]] = []
    texts: list[bytes] = []
    for path in tree.paths():
        if path.startswith(templates) and path.endswith((".yaml", ".yml", ".tpl")):
            data = tree.read(path) or b""
            texts.append(data)
            mentioned.update(tuple(m.decode().split(".")[1:]) for m in _MENTION.findall(data))
            secrets += _secrets(File(path, data))
    switches = tuple(sorted(p for p in mentioned if NAMES_SECRET.fullmatch(p[-1])))
    return Chart(folder, posixpath.basename(folder) or "chart", prefix, switches, tuple(secrets), choices(texts))


def _secrets(file: File) -> list[tuple[Key, ...]]:
    if b"Secret" not in file.data:
        return []
    try:
        sheet = Sheet(file)
    except Unparsed:
        return []
    found = []
    for root in sheet.roots:
        if root.text("kind") == "Secret":
            entries = [e for holder in ("data", "stringData") if (node := root.get(holder)) for e in node.entries]
            found.append(tuple(Key(sheet.raw(key), _value(value)) for key, value in entries))
    return found


def _value(node: Node) -> Path:
    found = _PLAIN.fullmatch(node.value)
    return tuple(found[1].decode().split(".")[1:]) if found else ()


def nearest(path: Path, switches: Sequence[Path]) -> Path | None:
    """The switch for a value: beside it, or beside something that it is in."""
    fitting = [s for s in switches if path[: len(s) - 1] == s[:-1]]
    longest = max((len(s) for s in fitting), default=0)
    best = [s for s in fitting if len(s) == longest]
    return best[0] if len(best) == 1 else None
