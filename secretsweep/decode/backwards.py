"""Where a run of characters begins: looked for from its end, so that a long text before it costs nothing."""

from secretsweep.model import Span

_NEAR = 512
_WIDE = 16 << 10  # bytes of a line to each side


def backwards(data: bytes, at: int, characters: bytes, far: int) -> int:
    """The start of the run of `characters` that ends at `at`, at most `far` bytes before it."""
    size = _NEAR
    while True:
        low = max(0, at - min(size, far))
        start = low + len(data[low:at].rstrip(characters))
        if start > low or low == 0 or size >= far:
            return start
        size *= 32


def line(data: bytes, at: int) -> Span:
    """The line around `at` without its ending; a window of one that is too long."""
    low, high = max(0, at - _WIDE), min(len(data), at + _WIDE)
    start = data.rfind(b"\n", low, at) + 1 or low
    end = data.find(b"\n", at, high)
    return Span(start, high if end < 0 else end - (data[end - 1 : end] == b"\r" and end > at))
