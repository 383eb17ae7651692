"""The Markdown that `checklist.body` writes, taken apart again for services that have another markup.

It knows that Markdown only: bullets of two levels, steps, fenced commands, code spans, bold, emphasis, links.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

BULLET, STEP, CODE, PARAGRAPH = "bullet", "step", "code", "paragraph"
_STEP = re.compile(r"- \[([ x])\] (.*)")
_INLINE = re.compile(
    r"(?<!`)(?P<fence>`+)(?!`)(?P<code>.+?)(?<!`)(?P=fence)(?!`)"
    r"|\*\*(?P<strong>[^*]+)\*\*|\*(?P<em>\([^*]+\))\*|<(?P<link>https?://[^<>\s]+)>"
    r"|\\(?P<bare>[\\`*\[\]<])"
)


class Inline(NamedTuple):
    """Text, and how it stands out: code, strong, em, link, or ""."""

    text: str
    mark: str = ""


class Block(NamedTuple):
    """A line, or the lines of a fence as one."""

    kind: str
    inlines: tuple[Inline, ...]
    level: int = 0  # of a bullet or a fence: 1 is below the one before
    done: bool = False  # of a step


def blocks(text: str) -> Iterator[Block]:
    """In their order; empty lines are left out."""
    fence, held = "", list[str]()
    for line in text.splitlines():
        inner = line.strip()
        if fence:
            if inner == fence:
                yield Block(CODE, (Inline("\n".join(held)),), 1)
                fence, held = "", []
            else:
                held.append(line.removeprefix("  "))
        elif mark := re.match(r"`{3,}", inner):
            fence = mark[0]
        elif step := _STEP.fullmatch(line):
            yield Block(STEP, tuple(inlines(step[2])), done=step[1] == "x")
        elif inner.startswith("- "):
            yield Block(BULLET, tuple(inlines(inner[2:])), int(line.startswith("  ")))
        elif inner:
            yield Block(PARAGRAPH, tuple(inlines(inner)))


def inlines(text: str) -> Iterator[Inline]:
    """One line, taken apart."""
    at = 0
    for match in _INLINE.finditer(text):
        if match.start() > at:
            yield Inline(text[at : match.start()])
        kind = match.lastgroup or ""
        inner = match[kind]
        if kind == "code" and inner[0] == inner[-1] == " " and inner.strip():
            inner = inner[1:-1]  # as CommonMark has it
        yield Inline(inner, "" if kind == "bare" else kind)
        at = match.end()
    if at < len(text):
        yield Inline(text[at:])
