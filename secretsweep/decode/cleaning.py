"""A content without certain values: text, encodings, archives inside one another; everything else byte by byte."""

import base64
from collections.abc import Callable, Iterable, Sequence

from secretsweep import decode, lazyre
from secretsweep.decode import base64 as runs
from secretsweep.decode import unicode
from secretsweep.decode.budget import DEPTH
from secretsweep.decode.repacking import Unpackable, repacked
from secretsweep.decode.writings import MARK, Replacer, filled, needles, overwritten, telling
from secretsweep.model import Blob, Edit, Finding, Secret, apply_edits

Scan = Callable[[Blob], Sequence[Finding]]
_HEAD = 8192  # bytes in which a NUL says that a file is no text, as git has it
_TRIES = 3  # readings of a text, as one value may hide another one
_RUN = lazyre.compile(rb"[A-Za-z0-9+/_-]{16,}")
_PIECES = {  # where an encoding of single characters may be at work
    "percent": lazyre.compile(rb"%[0-9A-Fa-f]{2}"),
    "html": lazyre.compile(rb"&(?:#|[a-z]{2,4};)"),
    "escapes": lazyre.compile(rb"\\[ux][0-9A-Fa-f]{2}"),
    "quoted-printable": lazyre.compile(rb"=(?:[0-9A-Fa-f]{2}|[ \t]*\r?\n)"),
}
_BREAK = lazyre.compile(rb"((?:\\r)?\\n|[ \t]*\r?\n[ \t]*)")


class Unclean(Exception):
    """A content that still holds a value, whatever was tried."""


class Cleaner:
    """Takes values out of contents. `scan` finds credentials as an audit does; it says where words stand as one."""

    def __init__(self, secrets: Iterable[Secret], scan: Scan) -> None:
        self._wanted = frozenset(secrets)
        self._words = frozenset(secret for secret in self._wanted if not telling(secret))
        self._replacer = Replacer(needles(self._wanted))
        self._scan = scan

    def cleaned(self, blob: Blob) -> bytes:
        """The content without the values. Unclean or Unpackable when that cannot be done."""
        return self._object(blob.path, blob.data, DEPTH)

    def text(self, data: bytes) -> bytes:
        """A message or a name without the values that are no words."""
        return self._replacer.replaced(data, False)

    def _object(self, path: str, data: bytes, deep: int) -> bytes:
        """A file, or a member of an archive, as the engine reads it."""
        container = decode.container(data)
        if container and not getattr(container, "TEXT", False):
            if not deep:
                raise Unclean("nested too deep")

            def content(name: str, inner: bytes) -> bytes:
                return self._object(f"{path}!{name}" if name else path, inner, deep - 1)

            return repacked(data, container, content, self._filled)
        if name := unicode.encoding(data):
            text = unicode.to_utf8(data, name)
            if text.decode().encode(name) == data and (new := self._text(path, text, deep)) != text:
                data = new.decode("utf-8", "replace").encode(name)
        return self._text(path, data, deep)

    def _text(self, path: str, data: bytes, deep: int) -> bytes:
        fill = b"\0" in data[:_HEAD]
        if self._words:
            data = self._located(data, [f for f in self._left(path, data) if f.secret in self._words], fill)
        for _ in range(_TRIES):
            data = self._everywhere(data, fill, deep)
            found = self._left(path, data)
            if not found:
                return data
            data = self._located(data, found, fill)
        raise Unclean("a value is still read in it")

    def _left(self, path: str, data: bytes) -> list[Finding]:
        """Where the values are found as credentials."""
        return [f for f in self._scan(Blob("", path, data)) if f.secret in self._wanted]

    def _everywhere(self, data: bytes, fill: bool, deep: int) -> bytes:
        """Every value, however it is written, and in what encoded runs hold."""
        data = self._runs(data, deep)
        data = self._pieces(data, fill)
        return self._replacer.replaced(data, fill)

    def _filled(self, data: bytes) -> bytes:
        return self._replacer.replaced(data, True)

    def _inner(self, content: bytes, deep: int) -> bytes:
        """Decoded bytes, which have no path; every length is kept where that is possible."""
        if (container := decode.container(content)) and not getattr(container, "TEXT", False):
            return repacked(content, container, lambda _, inner: self._inner(inner, deep - 1), self._filled)
        return self._everywhere(content, True, deep - 1)

    def _runs(self, data: bytes, deep: int) -> bytes:
        """Base64, of which the bytes of the values alone are encoded anew."""
        if deep <= 0:
            return data
        edits: list[Edit] = []
        end = 0
        for match in _RUN.finditer(data):
            if match.start() < end:
                continue
            span = runs.run(data, match.start())
            if span.start < end or span.end <= match.start():
                continue
            end = span.end
            written = data[span.start : span.end]
            content = runs.decode(written)
            if not content or not self._worth(content):
                continue
            try:
                new = self._inner(content, deep)
            except Unpackable:
                new = filled(len(content))
            if new != content:
                edits.append(Edit(span, _encoded(written, content, new)))
        return apply_edits(data, edits) if edits else data

    def _worth(self, content: bytes) -> bool:
        """Whether decoded bytes may hold a value: most runs are digests and names."""
        return (
            self._replacer.finds(content)
            or decode.container(content) is not None
            or _RUN.search(content) is not None
            or any(piece.search(content) for piece in _PIECES.values())
        )

    def _pieces(self, data: bytes, fill: bool) -> bytes:
        """Values of which some characters are escaped."""
        for name, piece in _PIECES.items():
            encoding = decode.encodings()[name]
            edits: list[Edit] = []
            end = 0
            for match in piece.finditer(data):
                if match.start() < end:
                    continue
                span = encoding.run(data, match.start())
                end = max(span.end, match.end())
                written = data[span.start : span.end]
                plain = encoding.decode(written)
                for inner in self._replacer.places(plain) if plain else ():
                    place = encoding.place(written, inner).shifted(span.start)  # type: ignore[attr-defined]
                    if not edits or place.start >= edits[-1].span.end:
                        edits.append(Edit(place, filled(place.end - place.start) if fill else MARK))
            data = apply_edits(data, edits) if edits else data
        return data

    def _located(self, data: bytes, found: Sequence[Finding], fill: bool) -> bytes:
        """Without the value where it was found as a credential: as it stands there, in what is encoded there, or all
        of the literal."""
        edits: list[Edit] = []
        for finding in sorted(found, key=lambda f: f.span):
            if edits and finding.span.start < edits[-1].span.end:
                continue  # the next reading sees it
            written = data[finding.span.start : finding.span.end]
            edits.append(Edit(finding.span, _without(written, finding.secret, fill)))
        return apply_edits(data, edits)


def _without(written: bytes, secret: Secret, fill: bool) -> bytes:
    new = overwritten(secret, written, fill)
    if new != written:
        return new
    content = runs.decode(written.ljust(runs.SHORTEST, b"="))
    if content and (inner := overwritten(secret, content, True)) != content:
        return _encoded(written, content, inner)
    return filled(len(written)) if fill else MARK


def _encoded(written: bytes, old: bytes, new: bytes) -> bytes:
    """`new` in base64, laid out as `written` is: alphabet, line lengths and breaks, padding."""
    urlsafe = b"-" in written or b"_" in written
    text = (base64.urlsafe_b64encode if urlsafe else base64.b64encode)(new)
    parts = _BREAK.split(written)
    lines, breaks = parts[::2], parts[1::2]
    bare = b"".join(lines)
    if len(new) == len(old):
        text = text.rstrip(b"=")
        text += bare[len(text) :]  # padding, and what is left of a group that was cut off
        ends = [sum(map(len, lines[: number + 1])) for number in range(len(lines))]
    else:
        text = text if bare.endswith(b"=") else text.rstrip(b"=")
        wide = len(lines[0]) if breaks else len(text)
        ends = [*range(wide, len(text), wide), len(text)] if text else []
        breaks = [*breaks[:1] * (len(ends) - 1), *(breaks[-1:] if breaks and not lines[-1] else [])]
    cut = [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    return b"".join(line + (breaks[number] if number < len(breaks) else b"") for number, line in enumerate(cut))
