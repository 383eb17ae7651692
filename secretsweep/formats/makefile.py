"""Makefiles and justfiles: variables in make's syntax, recipes as shell."""

import re
from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate, _commandline, _gates, _nested, _output, _usages
from secretsweep.formats._address import text
from secretsweep.formats._statement import statement
from secretsweep.model import Blob, Span, Unit

NAME = "makefile"
PRIORITY = 16  # a justfile may begin with `#!/usr/bin/env -S just`, its recipes with `#!/bin/bash`
ANCESTORS = False  # no line depends on the indentation above it
_ASSIGNED = Gate(r"(?i)(?:pass|" + _gates.SECRETIVE[3:] + r"[\w.\-]{0,40}[ \t]{0,8}[?+!]=")  # `X ?= …`
GATES = (_ASSIGNED, _gates.ARGUMENT, *_usages.GATES, *_output.GATES)
REGIONS = {"statement": statement}

_OWN = lazyre.compile(
    r"(?:^|/)(?:GNU|BSD|gnu)?[Mm]akefile(?!\.(?:md|rst|adoc|txt|html|py|go|js|ts|rb|ya?ml|json|tf)$)(?:[._-][\w.-]+)?$"
    r"|(?:^|/)\.?[Jj]ustfile$|\.(?:mk|mak|make|just)$"
)
# `NAME := value`, also behind `target:`; with what goes on behind a backslash
_VARIABLE = lazyre.compile(
    rb"^(?:\xef\xbb\xbf)?(?P<indent> *)(?:[^\s#=:][^#=:\r\n]{0,200}:{1,2}[ \t]+)?"
    rb"(?:(?:export|override|private|unexport)[ \t]+){0,3}"
    rb"(?P<name>[A-Za-z_][\w.\-]*)(?P<blank>[ \t]*)(?P<operator>:{0,3}|[?+!])=[ \t]*"
    rb"(?P<value>(?:[^\\\r\n]|\\[^\r\n]|\\\r?\n|\r(?!\n))*)",
    re.MULTILINE,
)
_NO_RECIPE = lazyre.compile(  # targets and directives: what they name is no command
    rb"^(?:[^\t #=\r\n][^=\r\n'\"]*:(?!//)| *(?:ifn?eq|ifn?def|else|endif|-?include|define|endef|vpath|undefine)\b)"
    rb"[^\r\n;]*;?",
    re.MULTILINE,
)
_LEAD = lazyre.compile(rb"(?<!\\\n)(?<!\\\r\n)^[ \t]+[@+\-]{1,3}", re.MULTILINE)  # not `--set` in a command's next line
_COMMENT = lazyre.compile(rb"(?<!\\)#.*\Z", re.DOTALL)
_DOLLARS = lazyre.compile(rb"\$\$")
_KEPT = b"\x01$"  # a dollar that make hands on, as long as it is written
_QUOTES = (b"'", b'"')


def owns(path: str, head: bytes) -> bool:
    return _OWN.search(path) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """The values of variables, and what the recipes' commands carry."""
    return _nested.expand(blob.data, units(blob.data))


def units(data: bytes) -> list[Unit]:
    """The literals, nested documents unopened."""
    found: dict[Span, Unit] = {}
    recipes = bytearray(_NO_RECIPE.sub(_blank, data))
    for variable in _VARIABLE.finditer(data):
        if variable["indent"] and not variable["operator"] and not variable["blank"]:
            continue  # `  NAME=x command` of a justfile's recipe
        start, end = variable.span()
        if variable["operator"] == b"!" or variable["value"][:1] == b"`":  # what a command prints
            recipes[start : variable.start("value")] = b" " * (variable.start("value") - start)
            continue
        recipes[start:end] = _blank(variable)
        if unit := _value(data, variable):
            found[unit.span] = unit
    shell = _LEAD.sub(_blank, _DOLLARS.sub(_KEPT, bytes(recipes)))
    for unit in _commandline.units(shell, Span(0, len(shell)), ""):
        found.setdefault(unit.span, unit._replace(value=unit.value.replace(_KEPT, b"$")))
    return list(found.values())


def _value(data: bytes, variable: re.Match[bytes]) -> Unit | None:
    """The literal that a variable is set to; quotes around it are for the shell that reads it."""
    start, end = variable.span("value")
    comment = _COMMENT.search(data, start, end)
    raw = data[start : comment.start() if comment else end].rstrip()
    form = "plain"
    if len(raw) > 1 and raw[:1] in _QUOTES and raw[-1:] == raw[:1] and raw.count(raw[:1]) == 2:
        form = "single" if raw[:1] == b"'" else "double"
        raw, start = raw[1:-1], start + 1
    if not raw:
        return None
    value = raw.replace(b"$$", b"$").replace(b"\\#", b"#")
    return Unit(Span(start, start + len(raw)), text(variable["name"]), value, form)


def _blank(found: re.Match[bytes]) -> bytes:
    """As many blanks, and the same lines."""
    return re.sub(rb"[^\r\n]", b" ", found.group())
