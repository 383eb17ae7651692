"""Gates that several formats share; each ends at one byte, so that hyperscan reports a place once."""

from secretsweep.formats import Gate

SECRETIVE = r"(?:passw|passphrase|pwd|secret|token|api_?-?key|access_?-?key|private_?-?key|credential|creds)"

PAIR = Gate(
    r"(?i)(?:name|key)[\"']?\s*[:=]\s*[\"']?[\w.\-]*" + SECRETIVE,
    "siblings",
)
MANIFEST = Gate(
    r"(?i)\bkind[\"']?\s{0,4}:\s{0,4}[\"']?[a-z]{0,20}Secret(?:List|Store|ProviderClass)?[\"']?[\s,}#]", "whole"
)
ARGUMENT = Gate(  # an option whose value is the next element of a list
    r"(?i)[\s\[,][\"']?--?(?:[a-z][\w.\-]{0,60})?" + SECRETIVE + r"[\w\-]{0,20}"
    r"(?:[\"']\s{0,80},|[\"']?[ \t]{0,20}\r?\n)",
    "argument",
)
HEREDOC = Gate(r"<<[-~]?\s?[\\\"']?[A-Za-z_]\w{0,40}[\"']?[^\n]{0,80}\n", "heredoc")


def argument(data: bytes, at: int) -> tuple[int, int]:
    """The element that ends at `at` and the next one: two lines with dashes, or the list in brackets."""
    at = max(at - 1, 0)
    start = data.rfind(b"\n", max(0, at - _WIDE), at) + 1
    if data[start:at].lstrip(b" ").startswith(b"- "):
        end = data.find(b"\n", at)
        while 0 <= end < len(data) - 1:
            after = data.find(b"\n", end + 1, end + _WIDE)
            line = data[end + 1 : after if after > 0 else end + _WIDE].lstrip()
            if line and line[:1] != b"#":
                return start, after if after > 0 else min(len(data), end + _WIDE)
            end = after
        return start, len(data)
    opener = data.rfind(b"[", max(0, at - _WIDE), at)
    closer = data.find(b"]", at, at + _WIDE)
    start = max(data.rfind(b"\n", max(0, opener - _WIDE), opener) + 1, opener - 256) if opener >= 0 else start
    return start, closer + 1 if closer >= 0 else min(len(data), at + _WIDE)


_WIDE = 4096  # bytes of a list that are looked at
