"""From changes to the edits of each file: additions become edits at its end, once however many changes want them."""

from collections.abc import Iterable, Sequence

from secretsweep.model import Addition, Change, Edit, Span, apply_edits
from secretsweep.writers import Tree


def edits_of(changes: Iterable[Change], tree: Tree) -> dict[str, list[Edit]]:
    """The edits of every file, those of files that are made as edits of nothing."""
    found: dict[str, list[Edit]] = {}
    wanted: dict[str, list[Addition]] = {}
    for change in changes:
        for path, edit in change.edits:
            if edit not in (own := found.setdefault(path, [])):
                own.append(edit)
        for addition in change.additions:
            if addition not in (others := wanted.setdefault(addition.path, [])):
                others.append(addition)
    for path, additions in wanted.items():
        data = tree.read(path) or b""
        if text := _appended(data, additions):
            found.setdefault(path, []).append(Edit(Span(len(data), len(data)), text))
    return found


def after(data: bytes, edits: Sequence[Edit]) -> bytes:
    """The file with its edits. ValueError when they overlap."""
    return apply_edits(data, edits)


def _appended(data: bytes, additions: Sequence[Addition]) -> bytes:
    """What follows at the end of a file: blocks that it has not yet, in its own line ends, a blank line between."""
    text = data.replace(b"\r\n", b"\n").decode("utf-8", "surrogateescape")
    blocks = []
    for addition in additions:
        block = addition.text.strip("\n")
        if f"\n{block}\n" not in f"\n{text}\n" and block not in blocks:
            blocks.append(block)
    if not blocks:
        return b""
    own = _gap(additions[0].path)
    joined = own.join(blocks) + "\n"
    if text:
        joined = ("" if text.endswith("\n") else "\n") + own[1:] + joined
    new = joined.encode("utf-8", "surrogateescape")
    return new.replace(b"\n", b"\r\n") if b"\r\n" in data else new


def _gap(path: str) -> str:
    """Between two blocks: lists of names have none, documents of YAML their own mark."""
    if path.endswith((".yaml", ".yml")):
        return "\n---\n"
    return "\n" if path.rpartition("/")[2].startswith(".") else "\n\n"
