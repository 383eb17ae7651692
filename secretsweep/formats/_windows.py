"""What commands of Windows look like to the table of usages: names and flags in lower case, `net` without options."""

from secretsweep import lazyre
from secretsweep.formats import Gate, _gates
from secretsweep.formats._habits import command_name
from secretsweep.formats._shellwords import Word

_FLAG = lazyre.compile(rb"/[A-Za-z]+(?::|\Z)")
_PASSWORD = lazyre.compile(rb"/(?:pass|pwd|password|userpassword):")
_DOMAIN = lazyre.compile(rb"/password[do]:")  # netdom's passwords of the domain, and of the object
_DEVICE = lazyre.compile(rb"[A-Za-z]:|\*")
_NET = frozenset((b"net", b"net1"))
WORDS = 128  # of one command that are looked at, as any of them may be a command that it starts
_VERBS = frozenset((b"user", b"use"))
GATES = (
    Gate(r"(?i)(?:^|[\s\"'&(|@\\])net1?(?:\.exe)?[\"']?\s{1,4}use"),
    Gate(r"(?i)[\\](?:sqlcmd|osql|bcp|mysql\w{0,6}|curl|plink|pscp|psftp|keytool|openssl)(?:\.exe)?[\"']?\s"),
    Gate(r"(?i)\s/(?:rp[ \t]{1,4}|(?:user)?pass(?:word)?[do]?:|pwd:)[\"']?[^\s\"'%!$*]"),
    Gate(r"(?i)\s/v[ \t]{1,4}[\"']?\w{0,60}(?:pass|" + _gates.SECRETIVE[3:]),
    Gate(
        r"(?i)\b(?:psexec|paexec|certutil|signtool|schtasks)(?:64)?(?:\.exe)?[\"']?\s[^\n]{0,200}\s[/-]p[ \t]{1,4}"
        r"[\"']?[^\s\"'%!$*]"
    ),
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
    """`/PASS:x` as `-pass=x`, and `/U:x` as `/u:x`: bytes keep their places."""
    if word.value.lower() == b"password=":  # of `sc`, its value in the next word
        return word._replace(value=b"/password")
    found = _FLAG.match(word.value)
    if not found:
        return word
    flag = found.group().lower()
    if _PASSWORD.fullmatch(flag):
        flag = b"-" + flag[1:-1] + b"="
    elif _DOMAIN.fullmatch(flag):
        flag = b"--password="
    return word._replace(value=flag + word.value[found.end() :])
