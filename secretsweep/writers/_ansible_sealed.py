"""Ansible's own ciphertexts: a `!vault` block in the place of a scalar, decrypted where the variable is used.

Syntax: docs.ansible.com, "Encrypting individual variables with Ansible Vault".
"""

import json
from collections.abc import Iterator, Sequence

from secretsweep import lazyre
from secretsweep.formats import Unparsed
from secretsweep.model import REVIEW, SAFE, Change, Edit, FileEdit, Refusal, Seal, Secret, Span, Spot
from secretsweep.writers import File
from secretsweep.writers._nodes import Node, Step, documents, way

STORE = "ansible-vault"
_BY_HAND = "move it to a variable of its own, in group_vars or the play's `vars`"
_OTHERS = lazyre.compile(  # what reads these files knows no `!vault`
    r"(?:^|/)(?:requirements|galaxy|molecule|runtime|execution-environment|\.?ansible-lint|meta/main)\.ya?ml$|"
    r"(?:^|/)(?:meta|molecule)/"
)
_PLUGIN = lazyre.compile(rb"(?m)^plugin[ \t]*:")
_HEADER = lazyre.compile(rb"[|>][-+0-9]{0,2}")
_TASK = lazyre.compile(r"(?:^|\.)(?:(?:pre_|post_)?tasks|handlers|block|rescue|always)\[|^\[\d+\]\.(?!vars\b)")
_TYPED = lazyre.compile(  # plain scalars that YAML takes for something else than text
    rb"[-+]?(?:0x[0-9a-fA-F_]+|0b[01_]+|[0-9][0-9_:.]*(?:[eE][-+]?[0-9]+)?|\.[0-9_]+)|\d{4}-\d\d?-\d\d?.*|~|"
    rb"(?i:true|false|yes|no|on|off|null)"
)
_NEED = (
    "give ansible-playbook the vault password that encrypts here: ANSIBLE_VAULT_PASSWORD_FILE, or --vault-id; keep it "
    "out of the repository"
)


class Refused(Exception):
    """Why a place cannot hold a ciphertext, and what to do instead."""


def rewrite(spots: Sequence[Spot], file: File) -> Iterator[Change | Refusal]:
    """One scalar, one ciphertext, however many credentials are in it."""
    by_place: dict[Span, tuple[Step, list[Spot]]] = {}
    try:
        roots = documents(file.data) if spots[0].formats[0] == "ansible" else []
    except Unparsed:
        roots = []
    for spot in spots:
        try:
            step = _step(spot, file, roots)
        except Refused as why:
            yield Refusal(spot, str(why), _BY_HAND)
        else:
            by_place.setdefault(step.node.span, (step, []))[1].append(spot)
    for step, own in by_place.values():
        yield _changed(step, own, file)


def _step(spot: Spot, file: File, roots: Sequence[Node]) -> Step:
    if spot.formats[0] != "ansible":
        raise Refused("an inventory in INI holds no ciphertext")
    if _OTHERS.search(file.path) or _PLUGIN.search(file.data):
        raise Refused("what else reads this file does not decrypt")
    if not roots:
        raise Refused("the file does not parse as a whole")
    steps = next((found for root in roots if root.span.covers(spot.span) and (found := way(root, spot.span))), [])
    if not steps:
        raise Refused("it is no value of a variable (a comment?)")
    step = steps[-1]
    if step.node.kind != "scalar" or step.node.marked:
        raise Refused("an anchor or a tag is at the value: it stands at other places too, or is no text")
    if any(s.holder.flow for s in steps):
        raise Refused("it is in a list or mapping on one line, which holds no block of lines")
    if b"{{" in step.node.value or b"{%" in step.node.value:
        raise Refused("it is a part of a template, which would not be filled in once it is encrypted")
    if not _whole(spot, step.node, file.data) and _TASK.search(spot.key):
        raise Refused("it is a part of what a task does, which would be encrypted with it")
    if _after(step.node, file.data).strip(b" \t\r")[:1] not in (b"", b"#"):
        raise Refused("something else is on its line")
    return step


def _whole(spot: Spot, node: Node, data: bytes) -> bool:
    """Whether the literal is all of the scalar, less quotes or the header of a block."""
    if len(spot.formats) > 1:
        return False
    before = data[node.span.start : spot.literal.start].strip()
    after = data[spot.literal.end : node.span.end].strip()
    if node.block:
        return _HEADER.fullmatch(before.partition(b"#")[0].strip()) is not None and not after
    return before == after and before in (b"", b"'", b'"')


def _after(node: Node, data: bytes) -> bytes:
    """The rest of its line; of a block, of the line of its header."""
    if node.block:
        header = _HEADER.match(data, node.span.start)
        assert header is not None
        start = header.end()
    else:
        start = node.span.end
    end = data.find(b"\n", start)
    return data[start : len(data) if end < 0 else end]


def _changed(step: Step, spots: Sequence[Spot], file: File) -> Change:
    node = step.node
    written, rest = file.data[slice(*node.span)], _after(node, file.data)
    ends = b"\r\n" if b"\r\n" in file.data else b"\n"
    mark = f"<ciphertext of {_called(step)}>"
    text = b"!vault |" + rest.rstrip() + ends + b" " * (_column(step, file.data) + 2) + mark.encode()
    end = node.span.end if node.block else node.span.end + len(rest.rstrip(b"\r"))
    at = f"{file.path}:{spots[0].line}"
    about = [f"{at} is a number or the like, and text once it is decrypted"] if _TYPED.fullmatch(written) else []
    if not all(_whole(spot, node, file.data) for spot in spots):
        about.append(f"{at} is a text of which the credential is a part, and is encrypted as a whole")
    return Change(
        tuple(spots),
        (FileEdit(file.path, Edit(Span(node.span.start, end), text)),),
        disposition=REVIEW if about else SAFE,
        needs=tuple(_needs(spots[0])),
        warnings=tuple(about),
        seals=(Seal(mark, Secret(node.value)),),
    )


def _needs(spot: Spot) -> Iterator[str]:
    yield _NEED
    if _TASK.search(spot.key):
        yield f"set `no_log: true` on the task of {spot.path}:{spot.line}: -v prints its arguments"


def _column(step: Step, data: bytes) -> int:
    """Of the key, or of the `-` of a list: a block is further in than that."""
    if step.key is not None:
        at = step.key.span.start
        return at - (data.rfind(b"\n", 0, at) + 1)
    dash = data.rfind(b"-", 0, step.node.span.start)
    return dash - (data.rfind(b"\n", 0, dash) + 1)


def _called(step: Step) -> str:
    name = step.name if isinstance(step.name, str) else f"[{step.name}]"
    return json.dumps(name)[1:-1]
