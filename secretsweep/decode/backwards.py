"""Where a run of characters begins: looked for from its end, so that a long text before it costs nothing."""

_NEAR = 512


def backwards(data: bytes, at: int, characters: bytes, far: int) -> int:
    """The start of the run of `characters` that ends at `at`, at most `far` bytes before it."""
    size = _NEAR
    while True:
        low = max(0, at - min(size, far))
        start = low + len(data[low:at].rstrip(characters))
        if start > low or low == 0 or size >= far:
            return start
        size *= 32
