"""Where code names a literal without an assignment: `os.Setenv("DB_PASSWORD", "x")`, `env.DB_PASSWORD || "x"`."""

import re
from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate
from secretsweep.formats._address import text
from secretsweep.model import Span, Unit

# functions of a name and a value: what is set (in Java's maps, too), or what holds when nothing is set
_CALLED = (
    r"(?:etenv|putenv|set_var|environ\.(?:get|setdefault)|etProperty|et_?[oO]r_?[dD]efault|"
    r"\.put(?:IfAbsent)?|SetEnvironmentVariable|ENV\.(?:fetch|store))"
)
_NOUN = r"(?:passw(?:or)?d|passphrase|pass|pwd|secret|token|api_?key|[_.]key|accesskey|secretkey|credentials)"
# a word in a sentence says nothing; behind a bracket it is Python's or Ruby's
_OR = r"""(?:["'`\])]{0,2} (?:\|\||\?\?)=?|["'][\])]{1,2} or) """
_LITERAL = r"""["'`][^\s"'`$<{(%]"""
GATES = (
    Gate(_CALLED + r"""\(["'`][\w.\-]{0,60}(?i:""" + _NOUN + r""")["'`], ?""" + _LITERAL),
    Gate(r"(?i)" + _NOUN + _OR + _LITERAL),
)
_STRING = r"""(?:"((?:[^"\\\r\n]|\\.)*)"|'((?:[^'\\\r\n]|\\.)*)'|`([^`\r\n]*)`)"""
_CALL = lazyre.compile((_CALLED + r"""\(["'`]([\w.\-]{1,128})["'`], ?""" + _STRING + r"[ \t]{0,4}[,)]").encode())
_ELSE = lazyre.compile((r"(?<![\w.\-])([A-Za-z_][\w.\-]{0,127})" + _OR + _STRING).encode())
_FORMS = ("double", "single", "backtick")


def units(data: bytes, start: int, stop: int) -> Iterator[Unit]:
    """The literals of a line, escapes left as they are."""
    if data.find(b"(", start, stop) >= 0:
        for called in _CALL.finditer(data, start, stop):
            yield from _unit(called)
    if any(data.find(operator, start, stop) >= 0 for operator in (b"||", b"??", b" or ")):
        for other in _ELSE.finditer(data, start, stop):
            yield from _unit(other)


def _unit(found: re.Match[bytes]) -> Iterator[Unit]:
    group = found.lastindex or 2
    if found[group]:
        yield Unit(Span(*found.span(group)), text(found[1]), found[group], _FORMS[group - 2])
