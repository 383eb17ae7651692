"""The encoder search: how a value may be written in a file, whether it is, and what may take its place there."""

import base64
import html
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import quote, quote_plus

from secretsweep.model import Secret, Span

MARK = b"__REMOVED__"  # bare words in every format: `***` would be an alias in YAML; the detector knows it for none
_SHORT = 4  # bytes: what is shorter stands everywhere
_WORD = 6  # bytes: a shorter value may be a word of any text
_LINE = 16  # characters of a line that belongs to one value alone
_VARIED = 5  # different bytes of a value that stands nowhere by chance
_DIGITS = 12  # digits that are no date and no id of anything else
_MEMORY = 512 << 20  # bytes that the automaton over thousands of values may take


def standing(secret: Secret, data: bytes) -> str:
    """How a value is written somewhere in `data`; "" when it is not."""
    value = secret.reveal()
    if len(value) < _SHORT:
        return ""
    for how, written in _writings(value):
        if written in data:
            return how
    return ""


def _writings(value: bytes) -> Iterator[tuple[str, bytes]]:
    """The value in every encoding in which it may stand in a file."""
    yield "as it is", value
    text = value.decode("utf-8", "replace")
    yield "escaped", json.dumps(text)[1:-1].encode()
    yield "percent-encoded", quote(text, safe="").encode()
    yield "in hexadecimal digits", value.hex().encode()
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + value)
        cut = whole[(shift * 8 + 5) // 6 :].rstrip(b"=")
        if len(kept := cut[: len(value) * 8 // 6 - 2]) >= 2 * _SHORT:
            yield "in base64", kept
    if value.isascii():
        yield "in UTF-16", text.encode("utf-16-le")


class Needle(NamedTuple):
    """A writing of a value, and what takes its place: `filler` where every byte counts (equally long), `text` in a
    text. `number` is that of the value among those asked for."""

    written: bytes
    filler: bytes
    text: bytes
    number: int

    def __repr__(self) -> str:
        return f"Needle({len(self.written)} bytes)"


def telling(secret: Secret) -> bool:
    """Whether a value stands nowhere but where somebody wrote this credential: no word, no number, not short. Others
    are changed only where they were found as a credential."""
    value = secret.reveal()
    return not (secret.is_word or len(set(value)) < _VARIED or (value.isdigit() and len(value) < _DIGITS))


def needles(secrets: Iterable[Secret]) -> list[Needle]:
    """All writings of all values that are `telling`, longest first; of writings that two values share one."""
    found: dict[bytes, Needle] = {}
    for number, secret in enumerate(secrets):
        if telling(secret):
            for needle in _needles(secret.reveal(), number):
                found.setdefault(needle.written, needle)
    return sorted(found.values(), key=lambda n: (-len(n.written), n.written))


def filled(length: int) -> bytes:
    """What takes the place of so many bytes."""
    return MARK.ljust(length, b"_") if length >= len(MARK) else b"_" * length


def overwritten(secret: Secret, data: bytes, fill: bool) -> bytes:
    """`data`, a literal, without this value as it is; with its length kept when `fill` is true."""
    value = secret.reveal()
    return data.replace(value, filled(len(value)) if fill else MARK)


def expressions(wanted: Iterable[Needle]) -> bytes:
    """The needles as git-filter-repo's `--replace-text` and `--replace-message` take them, one a line."""
    return b"".join(_expression(needle) + b"==>" + needle.text + b"\n" for needle in wanted)


def _expression(needle: Needle) -> bytes:
    if all(32 <= byte < 127 for byte in needle.written):
        return b"literal:" + needle.written
    return b"regex:" + b"".join(b"\\x%02x" % byte for byte in needle.written)


def _needles(value: bytes, number: int) -> Iterator[Needle]:
    for written in _in_characters(value):
        yield Needle(written, filled(len(written)), MARK, number)
    fill = filled(len(value))
    for part, other in ((value, fill), *_wide(value, fill)):
        if part is not value:
            yield Needle(part, other, other, number)
        for written, filler in (*_base64(part, other), *_hex(part, other)):
            yield Needle(written, filler, filler, number)
    for written, filler in _base32(value, fill):
        yield Needle(written, filler, filler, number)
    for once, first in _base64(value, fill):
        for written, filler in _base64(once, first):
            yield Needle(written, filler, filler, number)


def _in_characters(value: bytes) -> Iterator[bytes]:
    """The value, and each way to write its characters one by one: JSON (also as Go does it), HTML and XML,
    percent-encoding, quotes doubled or escaped, quoted-printable; line breaks in any style, and single lines."""
    yield value
    if b"\n" in value:
        for other in (b"\r\n", b"\\n", b"\\r\\n", b"\\\\n", b" ", b""):
            yield value.replace(b"\n", other)
        yield from (line for line in value.split(b"\n") if len(line) >= _LINE and not line.startswith(b"-----"))
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = value.decode("latin-1")
    else:
        for plain in (json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]):
            yield from _written(plain)
    yield from (quote(value, safe=safe).encode() for safe in ("", "/", "/:@!$&'()*+,;=", "!'()*"))
    yield quote(value, safe="").lower().encode() if value.islower() else _lower_percent(value)
    yield quote_plus(value).encode()
    yield b"".join(b"%%%02X" % byte for byte in value)
    yield b"".join(b"%%%02x" % byte for byte in value)
    yield b"".join(b"\\x%02x" % byte for byte in value)
    yield b"".join(b"\\u%04x" % ord(c) for c in text)
    yield b"".join(b"\\u%04X" % ord(c) for c in text)
    yield b"".join(b"&#%d;" % ord(c) for c in text)
    yield b"".join(b"&#x%x;" % ord(c) for c in text)
    yield b", ".join(b"0x%02x" % byte for byte in value)
    yield b",".join(b"0x%02x" % byte for byte in value)
    encoded = text.encode()
    bare = html.escape(text, quote=False).encode()
    for double in (b'"', b"&quot;", b"&#34;"):
        for single in (b"'", b"&#x27;", b"&#39;", b"&apos;"):
            yield bare.replace(b'"', double).replace(b"'", single)
    yield encoded.replace(b"'", b"''")
    yield encoded.replace(b'"', b'""')
    yield encoded.replace(b"'", b"\\'")
    yield encoded.replace(b"'", b"'\\''")
    yield encoded.replace(b"$", b"$$")
    yield encoded.replace(b"$", b"\\$")
    yield b"".join(b"=%02X" % b if b == 61 or not 32 <= b < 127 else bytes((b,)) for b in value)


def _written(plain: str) -> Iterator[bytes]:
    """A JSON string as it is, with `\\/`, as Go writes it, and as a part of a JSON string once more."""
    go = plain.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    for text in (plain, plain.replace("/", "\\/"), go):
        yield text.encode("utf-8", "surrogatepass")
        yield json.dumps(text, ensure_ascii=False)[1:-1].encode("utf-8", "surrogatepass")


def _lower_percent(value: bytes) -> bytes:
    safe = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~"
    return b"".join(bytes((b,)) if b in safe else b"%%%02x" % b for b in value)


def _wide(value: bytes, fill: bytes) -> Iterator[tuple[bytes, bytes]]:
    """UTF-16 and UTF-32 in both orders."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return
    other = filled(len(text)).decode()
    for name in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
        written = text.encode(name)
        yield written, other.encode(name).ljust(len(written), b"\0")[: len(written)]


def _base64(value: bytes, fill: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The characters that the value alone decides, at each of the three alignments, in both alphabets."""
    for shift in range(3):
        first, last = -(-8 * shift // 6), 8 * (shift + len(value)) // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            written, filler = (encode(b"\0" * shift + data)[first:last] for data in (value, fill))
            if len(written) >= 2 * _SHORT:
                yield written, filler


def _base32(value: bytes, fill: bytes) -> Iterator[tuple[bytes, bytes]]:
    for shift in range(5):
        first, last = -(-8 * shift // 5), 8 * (shift + len(value)) // 5
        yield base64.b32encode(b"\0" * shift + value)[first:last], base64.b32encode(b"\0" * shift + fill)[first:last]


def _hex(value: bytes, fill: bytes) -> Iterator[tuple[bytes, bytes]]:
    for upper in (False, True):
        written, filler = value.hex(), fill.hex()
        yield (written.upper() if upper else written).encode(), (filler.upper() if upper else filler).encode()


def wrapped() -> Callable[[bytes], object]:
    """Says whether base64 in several lines may be in some bytes: eight times as fast as Python's own expressions."""
    import re2

    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    lines = rb"[A-Za-z0-9+/_=-]{60}(?:\\r)?(?:\\n|\r?\n)[ \t]*[A-Za-z0-9+/_-]{8}"
    search: Callable[[bytes], object] = re2.compile(lines, options).search
    return search


class Replacer:
    """All needles at once: the leftmost, of several there the longest."""

    def __init__(self, wanted: Iterable[Needle]) -> None:
        self._by_writing = {needle.written: needle for needle in wanted}
        self._pattern = _alternatives(self._by_writing) if self._by_writing else None

    def numbers(self, data: bytes) -> set[int]:
        """The values that stand in `data`."""
        if self._pattern is None:
            return set()
        return {self._by_writing[match.group()].number for match in self._pattern.finditer(data)}

    def places(self, data: bytes) -> Iterator[Span]:
        """Where they stand."""
        if self._pattern is not None:
            yield from (Span(match.start(), match.end()) for match in self._pattern.finditer(data))

    def finds(self, data: bytes) -> bool:
        return self._pattern is not None and self._pattern.search(data) is not None

    def replaced(self, data: bytes, fill: bool) -> bytes:
        """`data` without any writing of any value; with every length kept when `fill` is true."""
        if self._pattern is None:
            return data
        parts: list[bytes] = []
        at = 0
        for match in self._pattern.finditer(data):
            needle = self._by_writing[match.group()]
            parts += (data[at : match.start()], needle.filler if fill else needle.text)
            at = match.end()
        return b"".join((*parts, data[at:])) if parts else data


def masked(text: str, secrets: Iterable[Secret], mask: str = "********") -> str:
    """`text` without any of these values, as they are, with escapes, or in base64: the last line of defence before
    something is printed."""
    bare = {secret.reveal() for secret in secrets if len(secret) >= _WORD}
    escaped = {json.dumps(value.decode("utf-8", "replace"))[1:-1].encode() for value in bare}
    values = bare | escaped | {base64.b64encode(value) for value in bare}
    if not values:
        return text
    pattern = _alternatives(values)
    return str(pattern.sub(mask.encode(), text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape"))


def _alternatives(values: Iterable[bytes]) -> Any:
    """An automaton that finds any of the values, the longest first."""
    import re2

    options = re2.Options()
    options.max_mem = _MEMORY
    options.longest_match = True
    options.encoding = re2.Options.Encoding.LATIN1
    return re2.compile(b"|".join(re2.escape(v) for v in sorted(values, key=lambda v: (-len(v), v))), options)
