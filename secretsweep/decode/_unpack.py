"""What containers share: a member, and how it is read within the budget, whatever its container says of its size."""

import zlib
from typing import IO, NamedTuple

from secretsweep.decode.budget import MEMBER, TOTAL, Budget

_PART = 1 << 18  # bytes unpacked at a time


class Member(NamedTuple):
    """A file in a container; `lost` says why it has no data, or not all of it."""

    name: str
    data: bytes
    lost: str = ""


def read(name: str, stream: IO[bytes], budget: Budget) -> Member:
    """At most the budget; of a damaged member what comes before the damage."""
    limit = min(MEMBER, budget.left)
    out = bytearray()
    lost = ""
    try:
        while len(out) <= limit and (part := stream.read(min(_PART, limit + 1 - len(out)))):
            out += part
    except NotImplementedError:
        raise
    except Exception as error:  # the standard library's readers meet hostile bytes with struct.error, IndexError …
        lost = f"corrupt: {type(error).__name__}"
    return within(Member(name, bytes(out), lost), limit, budget)


def inflate(data: bytes, name: str, magic: bytes, bits: int, budget: Budget) -> Member:
    """What can be unpacked of one or more streams, also of a file that was cut off: the beginning may hold the
    credential."""
    limit = min(MEMBER, budget.left)
    out = bytearray()
    lost = ""
    at = 0
    while not lost and data.startswith(magic, at) and len(out) <= limit and budget.member():
        stream = zlib.decompressobj(bits)
        while not stream.eof and len(out) <= limit and not lost:
            part = data[at : at + _PART]  # in parts, as zlib copies what follows the end of a stream
            if not part:
                lost = f"corrupt {name}: cut off"
            try:
                out += stream.decompress(part, limit + 1 - len(out))
            except zlib.error:
                lost = f"corrupt {name}: damaged"
            at += len(part) - len(stream.unused_data) - len(stream.unconsumed_tail)
    return within(Member("", bytes(out), lost), limit, budget)


def within(member: Member, limit: int, budget: Budget) -> Member:
    """The member as far as the budget goes; what was unpacked is taken off the budget, whether it fits or not."""
    budget.left -= min(len(member.data), limit)
    if len(member.data) <= limit:
        return member
    budget.spent.add(
        f"more than {TOTAL >> 20} MB unpacked" if limit < MEMBER else f"a member of more than {MEMBER >> 20} MB"
    )
    return Member(member.name, member.data[:limit], "budget")
