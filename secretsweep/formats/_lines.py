"""Where lines begin and end, and which of them continue one another."""

from collections.abc import Iterator

BOM = b"\xef\xbb\xbf"
FAR = 8 << 10  # bytes that are looked at around a place
SMALL = 64 << 10  # bytes of a file that is read as a whole
LONGEST = 16384  # bytes of a line that are looked at


def lines(data: bytes) -> Iterator[tuple[int, int]]:
    """Start and end of every line, without its ending and without a byte-order mark."""
    start = 3 if data.startswith(BOM) else 0
    while start < len(data):
        stop = data.find(b"\n", start)
        stop = len(data) if stop < 0 else stop
        end = stop - 1 if stop > start and data[stop - 1] == 13 else stop
        yield start, min(end, start + LONGEST)
        start = stop + 1


def logical(data: bytes, at: int) -> tuple[int, int]:
    """The line around `at` with the lines that a backslash at their end joins to it."""
    low, high = max(0, at - FAR), min(len(data), at + FAR)
    start = data.rfind(b"\n", low, max(at - 1, low)) + 1 or low
    while start > low and _joined(data, low, start - 1):
        start = data.rfind(b"\n", low, start - 1) + 1 or low
    end = data.find(b"\n", at, high)
    while 0 <= end < high and _joined(data, low, end):
        end = data.find(b"\n", end + 1, high)
    return start, high if end < 0 else end


def whole(data: bytes, at: int) -> tuple[int, int]:
    """All of a small file, or what is near."""
    if len(data) <= SMALL:
        return 0, len(data)
    return max(0, at - FAR), min(len(data), at + FAR)


def _joined(data: bytes, low: int, end: int) -> bool:
    """Whether the line that ends at `end` goes on in the next one."""
    return data[max(low, end - 2) : end].rstrip(b"\r")[-1:] == b"\\"
