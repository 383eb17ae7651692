"""What all pipelines have: variables with names in capitals, and scripts in which such a variable can be named."""

from collections.abc import Iterable

from secretsweep import lazyre
from secretsweep.model import Edit, Reference, Refusal, Span, Spot
from secretsweep.writers import File, _sops, _within
from secretsweep.writers._script import Obstacle, place

_ODD = lazyre.compile(r"[^A-Z0-9]+")
_FOLDER = lazyre.compile(r"^.*?(?:github|gitea|forgejo)/workflows/|^iac/")
_RESERVED = lazyre.compile(r"(?:GITHUB|RUNNER|CI|GITLAB)_|\d|\Z")
_RISKY = lazyre.compile(rb"[\\'\"&]")


def variable(path: str) -> str:
    """What a value is called in a pipeline, after where it is in the store."""
    name = _ODD.sub("_", _FOLDER.sub("", path.lstrip("/")).upper()).strip("_")
    return f"SECRET_{name}" if _RESERVED.match(name) else name


class Names:
    """A name for each value, none of which is there already."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = {name.upper() for name in taken}
        self._of: dict[Reference, str] = {}

    def of(self, reference: Reference) -> str:
        if reference not in self._of:
            name = wished = variable(_sops.words(reference))
            number = 1
            while name in self._taken:
                number += 1
                name = f"{wished}_{number}"
            self._taken.add(name)
            self._of[reference] = name
        return self._of[reference]


def named(spot: Spot, file: File, holder: Span, name: str) -> Edit | Refusal:
    """The edit that names a variable of the environment in a shell script, quoted as the place wants it.

    `holder` is the scalar that the script stands in, with its quotes.
    """
    script = None
    if spot.formats[1:2] == ("shell",):
        script = _within.inner(file.data, spot, 1) or _quoted(file.data, holder)
    span = script.here(spot.literal if spot.whole else spot.span) if script else None
    if script is None or span is None:
        return Refusal(
            spot, "in a script that is no block of shell commands", "read a variable of the environment there"
        )
    edit = in_script(spot, script, name)
    if isinstance(edit, Refusal) or script.lines:
        return edit
    mark = file.data[holder.start : holder.start + 1]
    if mark == b"'" and mark in edit.text:
        return Refusal(spot, "its quotes would end the text around the script", "write the script as a block")
    return Edit(edit.span, edit.text.replace(b'"', b'\\"')) if mark == b'"' else edit


def in_script(spot: Spot, script: _within.Inner, name: str) -> Edit | Refusal:
    """The same, of a script that is known."""
    span = script.here(spot.literal if spot.whole else spot.span)
    if span is None:
        return Refusal(spot, "its place in the script is not known", "replace it by hand")
    at = place(script.text, span, spot.formats[2:])
    if isinstance(at, Obstacle):
        return Refusal(spot, at.reason, at.instead.replace("fetch it into a variable before", "make it a variable"))
    raw = script.text[span.start : span.end]
    if spot.formats[-1] != "shell" and _RISKY.search(raw):
        return Refusal(spot, f"it has characters that {spot.formats[-1]} writes in another way", "replace it by hand")
    text = b"${%s}" % name.encode() if at.inside else at.before + b'"$%s"' % name.encode() + at.after
    return Edit(script.span(at.span), text)


def _quoted(data: bytes, holder: Span) -> _within.Inner | None:
    """A script in the quotes of YAML, without escapes."""
    mark, raw = data[holder.start : holder.start + 1], data[holder.start + 1 : holder.end - 1]
    if mark not in (b"'", b'"') or b"\n" in raw or mark in raw or (mark == b'"' and b"\\" in raw):
        return None
    return _within.Inner(raw, (0,), (holder.start + 1,), False)
