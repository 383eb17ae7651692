"""Pulumi: a program in YAML reads a value with a function of a package that it uses; a stack's configuration is
encrypted by Pulumi's own command, with a key that the stack has.

Source: pulumi.com/docs/iac/concepts/secrets (pulumi config set --secret); for programs see `_pulumi`.
"""

import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from secretsweep import lazyre
from secretsweep.model import REVIEW, Change, Edit, FileEdit, Refusal, Spot
from secretsweep.writers import File, Tree, _pulumi
from secretsweep.writers._places import Document, document, entries, get, text

FORMATS = ("yaml",)
PATHS = lazyre.compile(r"(?:^|/)Pulumi(?:\.[\w-]+)?\.ya?ml$")
PARTS = True
HOSTS = True

_STACK = lazyre.compile(r"(?:^|/)Pulumi\.([\w-]+)\.ya?ml$")
_CONFIG = lazyre.compile(r"config\.\"?([\w-]+:)?([\w-]+)\"?((?:[.\[].*)?)\Z")
_SET = "pulumi config set --secret NAME, which reads the value from standard input"
_KEPT = "the stack's state keeps the value, encrypted by the stack's secrets provider"
_SIGN_IN = "who runs the program may read {}: with the default provider of {}, in its region or at its address"


def rewrite(spots: Sequence[Spot], file: File, tree: Tree) -> Iterator[Change | Refusal]:
    """Values of resources, one by one; a stack's are for Pulumi's own command."""
    stack = _STACK.search(file.path)
    if stack:
        yield from (_encrypted(spot, stack[1], file) for spot in spots)
        return
    program = document(file.data)
    if program is None or not program.roots:
        yield from (Refusal(spot, "the program does not parse", "replace it by hand") for spot in spots)
        return
    taken = {name for section in ("config", "configuration", "variables", "resources")
             for name in _pulumi.keys(get(program.roots[0], section))}  # fmt: skip
    named: list[tuple[Spot, Edit, str, _pulumi.Call]] = []
    for spot in spots:
        found = _called(spot, program, taken)
        if isinstance(found, tuple):
            named.append(found)
        else:
            yield found
    if named:
        yield from _variables(named, program)


def _variables(named: Sequence[tuple[Spot, Edit, str, _pulumi.Call]], program: Document) -> Iterator[Change | Refusal]:
    """What is a part of a function's answer is a variable: those of a file are made together."""
    lines = {name: _pulumi.flow({"fn::secret": call.written}) for _, _, name, call in named}
    section = _pulumi.added(program, program.roots[0], "variables", lines)
    if section is None:
        why = "the section variables has a form of its own", "replace it by hand"
        yield from (Refusal(spot, *why) for spot, *_ in named)
        return
    needs = dict.fromkeys(_SIGN_IN.format(spot.reference, call.package) for spot, _, _, call in named)
    edits = tuple(FileEdit(named[0][0].path, edit) for edit in (*(edit for _, edit, _, _ in named), section))
    yield Change(tuple(spot for spot, *_ in named), edits, (), REVIEW, tuple(needs), (_KEPT,))


def _called(spot: Spot, program: Document, taken: set[str]) -> Change | Refusal | tuple[Spot, Edit, str, _pulumi.Call]:
    root = program.roots[0]
    steps = program.place(spot.literal if spot.whole else spot.span)
    names = [step.name for step in steps[1:]]
    if text(get(root, "runtime")) not in ("yaml", "") and text(get(root, "runtime", "name")) != "yaml":
        return Refusal(spot, "the file of a program in another language", "make it a secret of the configuration")
    if not steps or not (names[:1] == ["variables"] or (names[:1] == ["resources"] and names[2:3] == ["properties"])):
        instead = "make it a secret of the configuration (pulumi config set --secret), and refer to that"
        return Refusal(spot, "no property of a resource, and nothing else is read from a store", instead)
    if not spot.whole or len(spot.formats) > 1 or spot.encodings or spot.form not in ("plain", "single", "double"):
        return Refusal(spot, "it is a part of a text", "make it a variable of its own, and name that in the text")
    call = _pulumi.call(spot.reference)
    if call is None:
        return Refusal(spot, f"no function is known that reads {spot.reference.store}", "choose another store")
    if call.package not in _pulumi.packages(root):
        why = f"the program uses nothing of the package {call.package}"
        return Refusal(spot, why, f"configure its provider, or make it a secret of the configuration: {_SET}")
    secret = [name for name in names if name == "fn::secret"]
    if any(name.startswith("fn::") for name in names if name != "fn::secret"):
        return Refusal(spot, "an argument of a function", "make it a variable of its own, and name that")
    span = program.span(steps[-1].node)
    if call.key:
        name = _pulumi.name(spot.reference, taken)
        taken.add(name)
        return spot, Edit(span, f'"${{{name}.{call.key}}}"'.encode()), name, call
    value: Any = call.written if secret else {"fn::secret": call.written}
    needs = (_SIGN_IN.format(spot.reference, call.package),)
    where = (FileEdit(spot.path, Edit(span, _pulumi.flow(value).encode())),)
    return Change((spot,), where, (), REVIEW, needs, (_KEPT,))


def _encrypted(spot: Spot, stack: str, file: File) -> Refusal:
    """What is to be done about a stack's configuration, which cannot refer to anything."""
    entry = _CONFIG.match(spot.key)
    if not entry or not spot.whole:
        instead = "make it a secret of the configuration (pulumi config set --secret), and refer to that"
        return Refusal(spot, "a stack's configuration has no references to a store", instead)
    flags = "--secret --path" if entry[3] else "--secret"
    key = shlex.quote(f"{entry[1] or ''}{entry[2]}{entry[3]}")
    command = f"run `pulumi config set {flags} --stack {stack} {key}`: it asks for the value, or reads standard input"
    if imported := _imported(file.data):
        name = shlex.quote(f"pulumiConfig.{entry[1] or ''}{entry[2]}")
        command += f"; or put it under {name} of the environment {imported}, which the stack imports, and take it out"
    return Refusal(spot, "only Pulumi has the key that encrypts this stack's configuration", command)


def _imported(data: bytes) -> str:
    """The first environment of ESC that a stack imports."""
    found = document(data)
    listed = get(found.roots[0], "environment") if found and found.roots else None
    return next((name for one in entries(listed) if (name := text(one.node))), "") if listed is not None else ""
