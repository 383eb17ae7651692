"""What commands of Windows look like to the table of usages: names and flags in lower case, `net` without options."""


from secretsweep import lazyre
from secretsweep.formats import Gate
from secretsweep.formats._habits import command_name
from secretsweep.formats._shellwords import Word

_FLAG = lazyre.compile(rb"/[A-Za-z]+(?::|\Z)")
_DEVICE = lazyre.compile(rb"[A-Za-z]:|\*")
_NET = frozenset((b"net", b"net1"))
WORDS = 128  # of one command that are looked at, as any of them may be a command that it starts
_VERBS = frozenset((b"user", b"use"))
GATES = (
    Gate(r"(?i)(?:^|[\s\"'&(|@\\])net1?(?:\.exe)?[\"']?\s{1,4}use"),
    Gate(r"(?i)[\\](?:sqlcmd|osql|bcp|mysql\w{0,6}|curl|plink|pscp|psftp|keytool|openssl)(?:\.exe)?[\"']?\s"),
    Gate(r"(?:^|[\s\"'&(|@])(?:SQLCMD|OSQL|BCP|MYSQL|CURL|SQLPLUS)(?:\.(?:exe|EXE))?\s"),
)


def command(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """The words as the table writes them."""
    words = words[:WORDS]
    found = [words[0]._replace(value=words[0].value.lower()), *map(_flag, words[1:])]
    at = next((i for i, word in enumerate(found[:4]) if command_name(_low(word)) in _NET), -1)
    if at < 0 or len(found) <= at + 1 or found[at + 1].value.lower() not in _VERBS:
        return tuple(found)
    rest = [word for word in found[at + 2 :] if word.value[:1] != b"/"]
    if found[at + 1].value.lower() == b"use" and rest and _DEVICE.fullmatch(rest[0].value):
        del rest[0]
    net = _low(found[at])
    return (*found[:at], net._replace(value=net.value.replace(b"net1", b"net")), found[at + 1], *rest)


def _low(word: Word) -> Word:
    return word._replace(value=word.value.lower())


def _flag(word: Word) -> Word:
    """`/PASS:x` as `/pass:x`."""
    found = _FLAG.match(word.value)
    return word._replace(value=found.group().lower() + word.value[found.end() :]) if found else word
