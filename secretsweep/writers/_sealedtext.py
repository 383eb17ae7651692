"""The text of a SealedSecret in the place of a Secret's: metadata and comments stay, values are one level deeper."""

from collections.abc import Iterator, Mapping, Sequence

from secretsweep.model import FileEdit, Seal, Span
from secretsweep.writers._manifests import Sheet, merged
from secretsweep.writers._nodes import Node

VERSION = "bitnami.com/v1alpha1"
HOLDERS = ("data", "stringData")
COPIED = ("labels", "annotations")


class Crowded(Exception):
    """What is to go shares its lines with something else."""


def edits(
    manifest: Node, holders: Sequence[tuple[Node, Node]], seals: Mapping[str, Seal], sheet: Sheet
) -> Iterator[FileEdit]:
    """The manifest stays, with its metadata and comments; its values are one level further in."""
    for name, text in (("apiVersion", VERSION), ("kind", "SealedSecret")):
        node = manifest.get(name)
        assert node is not None
        yield sheet.edit(node.span, text)
    holder, values = holders[0]
    inner = sheet.column(values.entries[0][0].span.start)
    step = inner - sheet.column(holder.span.start)
    yield sheet.edit(
        holder.span,
        "".join(f"{line}\n" for line in _spec(manifest, sheet, inner, step)) + " " * inner + "encryptedData",
    )
    for at in _comments(holder, values, sheet):
        yield sheet.edit(Span(at, at), " " * step)
    for key, value in values.entries:
        yield sheet.edit(Span(key.span.start, key.span.start), " " * step)
        yield sheet.edit(
            Span(key.span.end, value.span.end),
            _between(key, value, sheet) + seals[sheet.raw(key)].mark + _remark(value, sheet),
        )
    end = sheet.line(values.span.end).end
    gap = "" if sheet.data[end - 1 : end] == b"\n" else "\n"
    more = [(sheet.raw(key), value) for _, others in holders[1:] for key, value in others.entries]
    if more:
        yield sheet.edit(
            Span(end, end),
            gap
            + "".join(
                f"{' ' * (inner + step)}{key}: {seals[key].mark}{_behind(value, sheet)}\n" for key, value in more
            ),
        )
    gone = [e for name in ("type", "immutable", *HOLDERS) if (e := manifest.entry(name)) and e[0] is not holder]
    lines = [sheet.lines(*entry) for entry in gone]
    if None in lines:
        raise Crowded
    yield from (sheet.edit(span, "") for span in merged([span for span in lines if span]))


def _spec(manifest: Node, sheet: Sheet, inner: int, step: int) -> Iterator[str]:
    """`spec:` and the template of what the Secret was, besides its values."""
    metadata = manifest.get("metadata")
    assert metadata is not None
    copied = sheet.block(metadata, COPIED)
    kept = [(name, node) for name in ("type", "immutable") if (node := manifest.get(name))]
    yield "spec:"
    if copied or kept:
        yield " " * inner + "template:"
    if copied:
        yield " " * (inner + step) + "metadata:"
        yield from (" " * (inner + 2 * step - 2) + line for line in copied.split("\n"))
    for name, node in kept:
        text = sheet.data[slice(*node.span)].decode("utf-8", "surrogateescape")
        yield f"{' ' * (inner + step)}{name}: {text}"


def _comments(holder: Node, values: Node, sheet: Sheet) -> Iterator[int]:
    """Where the comments of the entries begin."""
    at = sheet.line(holder.span.end).end
    while at < values.span.end:
        line = sheet.line(at)
        inside = next((value.span.end for _, value in values.entries if value.span.start < at < value.span.end), 0)
        text = sheet.data[slice(*line)]
        if not inside and text.lstrip().startswith(b"#"):
            yield line.end - len(text.lstrip())
        at = sheet.line(inside).end if inside else line.end


def _between(key: Node, value: Node, sheet: Sheet) -> str:
    """The colon and the space behind it, as they are where the value is on the key's line."""
    text = sheet.data[key.span.end : value.span.start].decode("utf-8", "surrogateescape")
    return ": " if "\n" in text else text


def _remark(value: Node, sheet: Sheet) -> str:
    """The comment behind the header of a block."""
    header = sheet.data[slice(*value.span)].partition(b"\n")[0] if value.block else b""
    _, mark, said = header.decode("utf-8", "surrogateescape").rstrip().partition("#")
    return f"   {mark}{said}" if mark else ""


def _behind(value: Node, sheet: Sheet) -> str:
    """The comment of a value whose line goes."""
    rest = b"" if value.block else sheet.data[value.span.end : sheet.line(value.span.end).end]
    return _remark(value, sheet) + rest.decode("utf-8", "surrogateescape").rstrip()
