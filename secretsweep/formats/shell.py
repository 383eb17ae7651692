"""Shell scripts: assignments, defaults of expansions, flags of commands, here-documents."""

import re
from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import _commandline, _gates, _nested, _output, _usages
from secretsweep.formats._statement import statement
from secretsweep.model import Blob, Span, Unit

NAME = "shell"
PRIORITY = 15
ANCESTORS = False  # no line depends on the indentation above it
GATES = (_gates.HEREDOC, _gates.ARGUMENT, *_usages.GATES, *_output.GATES)
REGIONS = {"statement": statement}

BEGINS = b"#!"
PATHS = lazyre.compile(
    r"\.(?:sh|bash|zsh|ksh|ash|dash|bats|command)(?:\.(?:j2|tpl|tmpl|tftpl|erb|example|sample|in))*$"
    r"|(?:^|/)(?:\.bash(?:rc|_profile|_aliases|_history|_logout)|\.profile|\.zsh(?:rc|env|_history)|\.zprofile|"
    r"[\w.-]*user[-_]?data[\w.-]*\.(?:tpl|tftpl|txt|tmpl))$",
    re.IGNORECASE,
)
_SHEBANG = lazyre.compile(rb"(?:\xef\xbb\xbf)?#!.{0,60}\b(?:ba|z|k|da|a)?sh\b")


def owns(path: str, head: bytes) -> bool:
    return PATHS.search(path) is not None or _SHEBANG.match(head) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """The literals of assignments and of the flags that carry credentials."""
    return _nested.expand(blob.data, units(blob.data), known=NAME)


def units(data: bytes) -> list[Unit]:
    """The literals, nested documents unopened."""
    return list(_commandline.units(data, Span(0, len(data)), ""))
