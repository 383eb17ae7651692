"""Packer: a local asks Vault or Secrets Manager, what a person may pass is a variable without a default.

Functions that ask a store work in locals alone. Of other stores the caller reads the value, and passes it in
`PKR_VAR_…`. Syntax: developer.hashicorp.com/packer/docs/templates/hcl_templates (functions/contextual, locals,
variables).
"""

from collections.abc import Iterator, Sequence

from secretsweep import lazyre
from secretsweep.model import REVIEW, SAFE, Addition, Change, Edit, FileEdit, Refusal, Span, Spot
from secretsweep.writers import File, Tree, _fetch, _sops
from secretsweep.writers._literal import line_of, quoted

FORMATS = ("terraform",)
PATHS = lazyre.compile(r"\.pkr(?:vars)?\.hcl$")
PARTS = True
HOSTS = True  # an interpolation stands in what is inside as well

_SCRIPTS = lazyre.compile(
    r"\.(?:inline|execute_command|script|content|user_data|shutdown_command|elevated_execute_command)\b"
)
_ODD = lazyre.compile(r"[^a-z0-9]+")
_DEFAULT = lazyre.compile(rb"default([ \t]*=[ \t]*)\Z")
_DECLARED = lazyre.compile(rb'(?m)^[ \t]*(?:variable|local)[ \t]+"([\w-]+)"|^[ \t]*([\w-]+)[ \t]*=')
_SENSITIVE = lazyre.compile(rb"\bsensitive[ \t]*=")
_SINGULAR = lazyre.compile(
    rb'(?m)^local[ \t]+"|^[ \t]*required_plugins[ \t]*\{|required_version[^\n]*1\.(?:[7-9]|\d\d)'
)


def rewrite(spots: Sequence[Spot], file: File, tree: Tree) -> Iterator[Change | Refusal]:
    """One value, one local or variable."""
    spots = yield from _sops.left(
        spots,
        "no function of Packer reads a file of sops",
        "make it a sensitive variable, and give it: `sops exec-env FILE 'packer build …'`, with PKR_VAR_… in FILE",
    )
    names = _Names(file, tree)
    for spot in spots:
        if file.path.endswith(".pkrvars.hcl"):
            yield Refusal(spot, "a file of variables has plain values", "pass it in PKR_VAR_…, and take the line away")
        elif (
            spot.encodings
            or _SCRIPTS.search(spot.key)
            or (len(spot.formats) > 1 and "environment_vars" not in spot.key)
        ):
            yield Refusal(spot, "in a script: the value would be a part of it", "pass it in environment_vars")
        elif spot.form not in ("double", "heredoc", "plain"):
            yield Refusal(spot, "its literal is of an unknown kind", "replace it by hand")
        else:
            yield _rewritten(spot, file, names)


class _Names:
    """Names for locals and variables: one for each value, none that the folder has."""

    def __init__(self, file: File, tree: Tree) -> None:
        folder = file.path.rpartition("/")[0]
        files = [p for p in tree.paths() if PATHS.search(p) and p.rpartition("/")[0] == folder]
        self.texts = [file.data, *(tree.read(path) or b"" for path in files)]
        self.taken = {(m[1] or m[2]).decode() for data in self.texts for m in _DECLARED.finditer(data)}
        self.of_value: dict[object, str] = {}

    def of(self, spot: Spot) -> str:
        if spot.reference not in self.of_value:
            wished = _ODD.sub("_", spot.reference.path.rpartition("/")[2].lower()).strip("_")
            name = wished = wished if wished[:1].isalpha() else f"secret_{wished}"
            number = 1
            while name in self.taken:
                number += 1
                name = f"{wished}_{number}"
            self.taken.add(name)
            self.of_value[spot.reference] = name
        return self.of_value[spot.reference]

    @property
    def singular(self) -> bool:
        """Whether the templates are for a Packer that has `local "…"` blocks, which can be sensitive: 1.7."""
        return any(_SINGULAR.search(data) for data in self.texts)


def _rewritten(spot: Spot, file: File, names: _Names) -> Change | Refusal:
    parts = spot.key.split(" › ")[0].split(".")
    if parts[0] == "variable":
        return _without_default(spot, file, parts)
    call = _call(spot)
    if parts[0] in ("local", "locals") and spot.whole and call and spot.form == "double":
        if parts[0] == "locals" and len(parts) > 2:
            return Refusal(spot, "inside a value of a local", "make it a local of its own")
        edit = Edit(quoted(file.data, spot), call.encode())
        plain = () if parts[0] == "local" else (_LOGGED,)
        return Change((spot,), (FileEdit(file.path, edit),), (), SAFE, (_NEEDS[spot.reference.store],), plain)
    name = names.of(spot)
    block = _block(name, call, names.singular)
    address = f"local.{name}" if call else f"var.{name}"
    span = quoted(file.data, spot)
    if spot.whole and span != spot.literal and len(spot.formats) == 1:
        edit = Edit(span, address.encode())
    else:
        edit = Edit(spot.span, b"${%s}" % address.encode())
    need = _NEEDS[spot.reference.store] if call else _pass(name, spot)
    return Change(
        (spot,),
        (FileEdit(file.path, edit),),
        (Addition(file.path, block, f"the {address.partition('.')[0]} that it comes from"),),
        REVIEW,
        (need,),
        () if not call or names.singular else (_LOGGED,),
    )


_LOGGED = 'locals are not sensitive before Packer 1.7, whose blocks local "…" can be: the value may be logged'
_NEEDS = {
    "memory": "the memory store is for demonstrations: nothing can read it",
    "vault": "Have VAULT_ADDR and VAULT_TOKEN where packer runs, of a token that may read it",
    "aws-secretsmanager": "Have AWS credentials and a region where packer runs, that may read it",
}


def _call(spot: Spot) -> str:
    """The function that asks the store; "" where Packer has none."""
    reference = spot.reference
    if reference.store in ("vault", "memory"):
        data = "data/" if reference.version != 1 else ""
        return f'vault("/{reference.mount}/{data}{reference.path}", "{reference.field}")'
    if reference.store == "aws-secretsmanager":
        return f'aws_secretsmanager("{reference.path}", null)'
    return ""


def _block(name: str, call: str, singular: bool) -> str:
    if not call:
        return f'variable "{name}" {{\n  type      = string\n  sensitive = true\n}}\n'
    if singular:
        return f'local "{name}" {{\n  expression = {call}\n  sensitive  = true\n}}\n'
    return f"locals {{\n  {name} = {call}\n}}\n"


def _pass(name: str, spot: Spot) -> str:
    return f'Set PKR_VAR_{name}="$({_fetch.command(spot.reference)})" where packer runs'


def _without_default(spot: Spot, file: File, parts: Sequence[str]) -> Change | Refusal:
    """The variable is kept, and whoever builds must pass it."""
    span = quoted(file.data, spot)
    line = line_of(file.data, span.start)
    head = _DEFAULT.search(file.data[line.start : span.start])
    if len(parts) != 3 or parts[2] != "default" or head is None or span == spot.literal:
        return Refusal(spot, "a part of a variable's default", "make it a variable of its own")
    start, end = line.start + head.start(), span.end
    opened = file.data.rfind(b"variable", 0, start)
    closed = file.data.find(b"\n}", end)
    text = b"sensitive" + head[1] + b"true"
    if _SENSITIVE.search(file.data[opened : closed if closed > 0 else len(file.data)]):
        if file.data[line.start : start].strip() or not _is_last(file.data[end : line.end]):
            return Refusal(spot, "the default cannot be taken out alone", "remove it by hand")
        start, end, text = line.start, min(line.end + 1, len(file.data)), b""
    return Change(
        (spot,),
        (FileEdit(file.path, Edit(Span(start, end), text)),),
        (),
        REVIEW,
        (_pass(parts[1], spot),),
        (f"whoever relied on the default of {parts[1]} has to pass it from now on",),
    )


def _is_last(rest: bytes) -> bool:
    """Nothing but a comment follows in the line."""
    return not rest.strip() or rest.strip().startswith((b"#", b"//"))
