"""Bicep: secure parameters without defaults; a file of parameters reads the environment of who deploys.

Syntax: learn.microsoft.com/azure/azure-resource-manager/bicep (parameters, bicep-functions-parameters-file).
"""

import re
from collections.abc import Iterator, Sequence

from secretsweep import lazyre
from secretsweep.model import REVIEW, Change, Edit, FileEdit, Refusal, Span, Spot
from secretsweep.writers import File, Tree, _fetch
from secretsweep.writers._literal import line_of, quoted
from secretsweep.writers._pipeline import Names

FORMATS = ("bicep",)
PARTS = False

_PARAMETER = lazyre.compile(rb"param[ \t]+(\w+)[ \t]+string([ \t]*=[ \t]*)\Z")
_ASSIGNED = lazyre.compile(rb"[ \t]*param[ \t]+(\w+)[ \t]*=[ \t]*\Z")
_DECLARATION = lazyre.compile(rb"^(?:param|var|resource|module|output|type|func|targetScope|import)\b", re.MULTILINE)
_REST = lazyre.compile(rb"[ \t]*(?://[^\n]*)?\r?\Z")


def rewrite(spots: Sequence[Spot], file: File, tree: Tree) -> Iterator[Change | Refusal]:
    """One value, one parameter."""
    names = Names(())
    for spot in spots:
        span = quoted(file.data, spot)
        line = line_of(file.data, span.start)
        head = file.data[line.start : span.start]
        is_alone = _REST.match(file.data[span.end : line.end]) and span != spot.literal and not spot.encodings
        if is_alone and len(spot.formats) == 1 and file.path.endswith(".bicepparam") and _ASSIGNED.match(head):
            yield _from_environment(spot, file, span, names.of(spot.reference))
        elif is_alone and len(spot.formats) == 1 and (declared := _PARAMETER.match(head)):
            yield _without_default(spot, file, Span(line.start, span.end), declared[1].decode(), len(declared[2]))
        else:
            instead = "make it a parameter with @secure(), and pass getSecret(…) of the key vault to the module"
            yield Refusal(spot, "nothing is read from a store here", instead)


def _from_environment(spot: Spot, file: File, span: Span, name: str) -> Change:
    edit = Edit(span, f"readEnvironmentVariable('{name}')".encode())
    need = f'Set {name}="$({_fetch.command(spot.reference)})" where the deployment is started'
    return Change((spot,), (FileEdit(file.path, edit),), (), REVIEW, (need,))


def _without_default(spot: Spot, file: File, span: Span, name: str, width: int) -> Change:
    start, end = span
    value = quoted(file.data, spot)
    edits = [Edit(Span(value.start - width, end), b"")]
    above = max((found.start() for found in _DECLARATION.finditer(file.data, 0, start)), default=0)
    if b"@secure()" not in file.data[above:start]:
        newline = b"\r\n" if b"\r\n" in file.data else b"\n"
        edits.append(Edit(Span(start, start), b"@secure()" + newline))
    return Change(
        (spot,),
        tuple(FileEdit(file.path, edit) for edit in edits),
        (),
        REVIEW,
        (f"Pass {name} when it is deployed: what `{_fetch.command(spot.reference)}` says",),
        (f"whoever relied on the default of {name} has to pass it from now on",),
    )
