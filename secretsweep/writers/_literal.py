"""The literal as it stands in its file: with its quotes, and how one is written in its place."""

from secretsweep.model import Span, Spot

_QUOTES = (b'"', b"'")


def quoted(data: bytes, spot: Spot) -> Span:
    """The literal with its quotes, when it has any."""
    start, end = spot.literal
    if data[start - 1 : start] in _QUOTES and data[end : end + 1] == data[start - 1 : start]:
        return Span(start - 1, end + 1)
    return spot.literal


def yaml_scalar(text: str) -> bytes:
    """A YAML scalar in double quotes, or in single ones where that needs no escapes."""
    if '"' not in text and "\\" not in text:
        return f'"{text}"'.encode()
    if "'" not in text and "\n" not in text:
        return f"'{text}'".encode()
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'.encode()


def line_of(data: bytes, at: int) -> Span:
    """The line that holds a place, without its newline."""
    start = data.rfind(b"\n", 0, at) + 1
    end = data.find(b"\n", at)
    return Span(start, len(data) if end < 0 else end)


def indent_of(data: bytes, at: int) -> bytes:
    """The white space that the line of a place begins with."""
    line = data[slice(*line_of(data, at))]
    return line[: len(line) - len(line.lstrip(b" \t"))]


def is_scalar(spot: Spot) -> bool:
    """Whether the literal is one scalar that the reference can stand for."""
    return spot.form in ("plain", "single", "double") and not spot.encodings
