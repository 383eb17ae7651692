"""What stores do to a path that is not as they want it: fitting it twice is fitting it once."""

import re

NAMELESS = "credential"


def segments(path: str, odd: "re.Pattern[str]", longest: int) -> str:
    """The path with `-` for what is odd, without empty or dotted segments, and no longer than that."""
    return _clean(cut(_clean(path, odd), longest), odd) or NAMELESS


def cut(path: str, longest: int) -> str:
    """Without its middle where it is too long: the beginning says whose it is, the end what it is."""
    if len(path) <= longest:
        return path
    head = longest // 3
    return f"{path[:head]}-{path[head + 1 - longest :]}"


def flat(path: str, odd: "re.Pattern[str]", longest: int) -> str:
    """The path as one name, for stores without folders."""
    return odd.sub("-", cut(odd.sub("-", path).strip("-"), longest)).strip("-") or NAMELESS


def text(said: str, most: int) -> str:
    """At most so many bytes of UTF-8."""
    return said.encode("utf-8", "replace")[:most].decode("utf-8", "ignore")


def _clean(path: str, odd: "re.Pattern[str]") -> str:
    return "/".join(filter(None, (odd.sub("-", segment).strip("-.") for segment in path.split("/"))))
