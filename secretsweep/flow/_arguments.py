"""Places in Terraform's files: their addresses and kinds, and which of them run with a value."""

from collections.abc import Sequence

from secretsweep import lazyre
from secretsweep.flow._chains import ANY

REST = "**"  # at the end of steps: which part it is is not known
_SEGMENT = lazyre.compile(r'\[\d*\]|"((?:[^"\\]|\\.)*)"|([^.\["]+)')
_COUNTS = ("count", "for_each")
META = frozenset(("count", "for_each", "depends_on", "providers", "source", "version", "lifecycle"))
_CHECKS = frozenset(("validation", "precondition", "postcondition", "lifecycle", "depends_on"))
_KINDS = {
    "resource": "resource-argument",
    "data": "data-argument",
    "ephemeral": "ephemeral-argument",
    "provider": "provider-argument",
    "locals": "local",
    "module": "module-input",
    "output": "output",
    "variable": "check",
    "check": "check",
    "terraform": "backend",
}
_CONSUMERS = frozenset(
    "resource-argument data-argument ephemeral-argument provider-argument argument provisioner".split()
)
_NAMED = frozenset(("name", "key", "value", "default"))


def kind_of(block: tuple[str, ...], below: tuple[str, ...]) -> str:
    if block[0] in ("resource", "data", "module", "output", "variable") and _CHECKS.intersection(below[:2]):
        return "check"
    if "provisioner" in below[:-1] or "connection" in below[:-1]:
        return "provisioner"
    if below[0] in _COUNTS and block[0] in ("resource", "data", "module", "ephemeral"):
        return "count"
    if below[0] == "dynamic" and below[2:3] == ("for_each",):
        return "count"
    return _KINDS.get(block[0], "argument")


def consumer_of(kind: str, block: tuple[str, ...]) -> str:
    """What runs with a value at an argument of this block."""
    return address_of(block[1:] if block[0] == "resource" else block) if kind in _CONSUMERS else ""


def narrowed(rest: tuple[str, ...], steps: tuple[str, ...]) -> tuple[str, ...] | None:
    """What is left of `rest` after a reference went these steps; None when they lead elsewhere."""
    if steps[:1] == (ANY,) and rest and not rest[0].startswith("[") and rest[0] != ANY:
        steps = steps[1:]  # an instance of something with `count` or `for_each`
    for at, step in enumerate(steps):
        if at >= len(rest):
            return ()
        if rest[at] == REST:
            return (REST,)
        known = step != ANY and rest[at] != ANY and step not in _NAMED and not rest[at].startswith("[")
        if known and step != rest[at]:
            return None
    return rest[len(steps) :]


def steps_of(address: str) -> list[str]:
    """`locals.users[0]."a.b"` as its steps."""
    return [one[0] if one[0].startswith("[") else one[2] or one[1] or "" for one in _SEGMENT.finditer(address)]


def address_of(steps: Sequence[str]) -> str:
    out = ""
    for step in steps:
        if step.startswith("["):
            out += step
        else:
            step = f'"{step}"' if not step or set(step) & set('." ') else step
            out += f".{step}" if out else step
    return out
