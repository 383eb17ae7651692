"""The lines of a baseline: `fingerprint rule path key # reason owner=NAME expires=DAY`."""

import re
from datetime import date
from typing import NamedTuple

from secretsweep.errors import ConfigError

ANYWHERE = "*"
UNREVIEWED = "unreviewed"
_FINGERPRINT = re.compile(r"[0-9a-f]{32}")
_ATTRIBUTE = re.compile(r"(?:^|[\s,;]+)(reason|owner|expires)=(\S*?)(?=[,;]?(?:\s|$))")
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_CONFLICT = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")


class Record(NamedTuple):
    """One accepted value at one path, or `*`: anywhere. Rule and key are for the reader; the value decides."""

    fingerprint: str
    rule: str
    path: str
    key: str
    reason: str = UNREVIEWED
    owner: str = ""
    expires: date | None = None  # the last day on which it counts
    line: int = 0  # where it was read

    def covers(self, path: str) -> bool:
        return self.path in (ANYWHERE, path)

    def ended(self, today: date) -> bool:
        return self.expires is not None and self.expires < today

    def __str__(self) -> str:
        path = self.path if self.path == ANYWHERE else _escaped(self.path, ANYWHERE)
        owner = f" owner={self.owner}" if self.owner else ""
        expires = f" expires={self.expires}" if self.expires else ""
        key = _escaped(self.key, "-") if self.key else "-"
        return f"{self.fingerprint} {self.rule} {path} {key} # {_plain(self.reason)}{owner}{expires}"


def parse(line: str, where: str, number: int) -> Record | None:
    """The record of a line, None for a comment or an empty one. ConfigError names file and line."""
    text = line.strip()
    if not text or text.startswith("#"):
        return None
    if text.startswith(_CONFLICT):
        raise ConfigError(
            f"{where}:{number}: a merge conflict. Keep the lines of both sides; this in .gitattributes lets git do it: "
            ".secretsweep.baseline merge=union"
        )
    words, _, note = text.partition(" # ") if " # " in text else text.partition("\t# ")
    fields = words.split()
    if len(fields) != 4 or not _FINGERPRINT.fullmatch(fields[0]):
        raise ConfigError(f"{where}:{number}: wants `fingerprint rule path key # reason`, the first of 32 hex digits")
    named = dict(_ATTRIBUTE.findall(note))
    reason = f"{named.get('reason', '')} {_ATTRIBUTE.sub('', note)}".strip(" ,;")
    if not reason:
        raise ConfigError(f"{where}:{number}: no reason; say at the end of the line why it is accepted: ` # …`")
    path = fields[2] if fields[2] == ANYWHERE else _unescaped(fields[2])
    key = "" if fields[3] == "-" else _unescaped(fields[3])
    return Record(
        fields[0], fields[1], path, key, reason, named.get("owner", ""), _day(named, f"{where}:{number}"), number
    )


def _day(named: dict[str, str], where: str) -> date | None:
    if "expires" not in named:
        return None
    try:
        return date.fromisoformat(named["expires"])
    except ValueError:
        raise ConfigError(f"{where}: expires: wants a day, as in 2027-01-31, not {named['expires']!r}") from None


def _escaped(text: str, alone: str) -> str:
    """Percent-encoded where a reader of lines and words would stumble; `alone` as a whole means something else."""
    if text == alone:
        return f"%{ord(text):02X}"
    return "".join(c if c.isprintable() and c not in " %" else _percent(c) for c in text)


def _percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogateescape"))


def _unescaped(text: str) -> str:
    data = b"".join(
        bytes([int(part, 16)]) if odd else part.encode("utf-8", "surrogateescape")
        for odd, part in ((number % 2, part) for number, part in enumerate(_ESCAPED.split(text)))
    )
    return data.decode("utf-8", "surrogateescape")


def _plain(reason: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in reason).split()) or UNREVIEWED
