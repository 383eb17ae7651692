"""From a header of a MIME part to its body."""


from secretsweep import lazyre
from secretsweep.model import Span

_NEAR = 4096  # bytes in which headers end
_FAR = 1 << 20  # bytes of a body
_HEADERS = lazyre.compile(rb"[^\n]*\n(?:[ \t]*[A-Za-z][^\n]*\n|[ \t]+[^\s][^\n]*\n){0,20}[ \t]*\r?\n")
_NEXT = lazyre.compile(rb"\n[ \t]*--[^\s-]")


def body(data: bytes, at: int) -> Span:
    """The body of the part in whose headers `at` lies; an empty span when no body follows."""
    head = _HEADERS.match(data, at, at + _NEAR)
    if not head:
        return Span(at, at)
    far = min(len(data), head.end() + _FAR)
    boundary = _NEXT.search(data, head.end() - 1, far)
    return Span(head.end(), max(boundary.start(), head.end()) if boundary else far)
