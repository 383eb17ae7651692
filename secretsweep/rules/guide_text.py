"""A guide as text for people: what is special, the steps in order, the commands, the pages to read."""

import textwrap
from collections.abc import Iterator

from secretsweep.model import Guide
from secretsweep.model.guide import OVERLAPS

WIDTH = 100
YOURS = (
    "$NAME in a command is a value: the old one, the new one, or a login of your own for the vendor's API. "
    "`read -rs NAME` asks for it without showing it, and printf, which the shell does itself, keeps it out of the "
    "process list."
)


def lines(guide: Guide) -> Iterator[str]:
    """The text, line by line. What stands in <angle brackets> is filled in by whoever rotates."""
    yield f"{guide.title} ({guide.name})"
    yield from _wrapped(guide.about)
    yield ""
    yield from _wrapped(f"Overlap: {guide.overlap} ({OVERLAPS[guide.overlap]})")
    if guide.hours:
        yield f"Typical deadline: {guide.hours} hours after the leak is known"
    if guide.identifiers:
        yield "To be filled in:"
        for name, identifier in guide.identifiers.items():
            yield f"  <{name}>  {identifier.about}"
    if guide.query:
        yield "Its use in the log, from <since>, the first exposure, on:"
        yield from textwrap.indent(guide.query, "    ").splitlines()
    for number, step in enumerate(guide.steps, 1):
        yield ""
        yield from _wrapped(f"{number}. {step.id}: {step.text}", "   ")
        for command in step.commands:
            yield f"     {command}"
    if any("$" in command for step in guide.steps for command in step.commands):
        yield ""
        yield from _wrapped(YOURS)
    yield ""
    yield from guide.links


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
