"""Inline markers: ours with a reason, and those of the other tools."""


from secretsweep import lazyre

_MARKERS = lazyre.compile(
    rb"secretsweep:allow\b|gitleaks:allow\b|betterleaks:allow\b|trufflehog:ignore\b|"
    rb"kingfisher:ignore\b|"
    rb"keyhog:ignore\b|"
    rb"ggignore\b|pragma:\s?(?:allow|white)list[ -]secret\b|checkov:skip=CKV_SECRET_\d+"
)
_NEXT = lazyre.compile(
    rb"pragma:\s?(?:allow|white)list[ -]nextline[ -]secret\b|secretsweep:allow-next-line\b|ggignore-next\b"
)


def allowed(data: bytes, start: int, end: int) -> bool:
    """Whether a marker accepts what stands at this place: on its first or last line, or for the next line above."""
    line = data.rfind(b"\n", 0, start) + 1
    if _marker(data, line, _end(data, start)) or _marker(data, data.rfind(b"\n", 0, end) + 1, _end(data, end)):
        return True
    above = data.rfind(b"\n", 0, max(line - 1, 0)) + 1
    return line > 0 and _NEXT.search(data, max(above, line - 1000), line) is not None


def _marker(data: bytes, start: int, end: int) -> bool:
    return end - start < 20_000 and _MARKERS.search(data, start, end) is not None


def _end(data: bytes, at: int) -> int:
    found = data.find(b"\n", at)
    return len(data) if found < 0 else found
