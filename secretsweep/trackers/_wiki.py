"""An entry in Jira's wiki markup, which Jira Data Center has for descriptions. It has no boxes to tick: a step that is
open begins with `(x)`, one that is done with `(/)`, and people change that.

Punctuation that means something stands there as an entity, so that nothing of a repository is markup. https://jira.atlassian.com/secure/WikiRendererHelpAction.jspa?section=all
"""

import html
import re
from collections.abc import Iterable, Mapping, Sequence

from secretsweep.checklist import body
from secretsweep.errors import TrackerError
from secretsweep.model import Done, Entry
from secretsweep.trackers._blocks import BULLET, CODE, STEP, Block, Inline, blocks, inlines

LARGEST = 32_767  # characters of a text field, by default
_MARKER = re.compile(r"^secretsweep:fp=([0-9a-f]{8,64})[ \t]*$", re.MULTILINE)
_END = "What stands above is made anew; write below this line. (secretsweep:end)"
_STATE = re.compile(r"^\* \*State\*: (open|closed \S+|risk accepted)", re.MULTILINE)
_STEP = re.compile(r"^\* \(([x/])\) \*([a-z]+)\*")
_EVIDENCE = re.compile(r"^\*\* (evidence|not applicable): (.*)$")
_MARKUP = re.compile(r"[!#$&()*+<>?@\[\\\]^_`{|}~-]|:(?!\s|$)")


class WikiTexts:
    """Descriptions are texts."""

    def written(self, entry: Entry, old: str | None) -> str:
        """The description with our part as it is now. TrackerError when people's own text leaves no room for it."""
        before, part, after = _split(old or "")
        if not part:
            before, after = "", _MARKER.sub("", before)
        for text in body.versions(entry):
            ours = f"secretsweep:fp={entry.id}\n\n{rendered(text)}\n\n{_END}"
            whole = "\n\n".join(filter(None, (before.strip(), ours, after.strip())))
            if len(whole) <= LARGEST:
                return whole
        raise TrackerError(f"{entry.id[:12]}: the text that people wrote into its issue leaves no room for the steps")

    def markers(self, text: str) -> Sequence[str]:
        before, part, _ = _split(text)
        return _MARKER.findall(part or before)

    def ticks(self, text: str) -> Mapping[str, Done]:
        before, part, _ = _split(text)
        lines = []
        for line in (part or before).splitlines():
            if step := _STEP.match(line):
                lines.append(f"- [{'x' if step[1] == '/' else ' '}] **{step[2]}**")
            elif said := _EVIDENCE.match(line):
                lines.append(f"  - {said[1]}: {html.unescape(said[2])}")
        return body.ticks("\n".join(lines))

    def told(self, text: str) -> str:
        before, part, _ = _split(text)
        state = _STATE.search(part or before)
        return html.unescape(state[1]) if state else ""

    def same(self, one: str, other: str) -> bool:
        return _lines(one) == _lines(other)


def rendered(text: str) -> str:
    """Markdown as wiki markup."""
    return "\n".join(map(_block, blocks(text)))


def comment(said: str) -> str:
    """One line of Markdown as wiki markup."""
    return _inline(inlines(said))


def _block(block: Block) -> str:
    if block.kind == CODE:
        inner = block.inlines[0].text.replace("{noformat}", "{ noformat}")
        return f"{{noformat}}\n{inner}\n{{noformat}}"
    if block.kind == STEP:
        return f"* ({'/' if block.done else 'x'}) {_inline(block.inlines)}"
    if block.kind == BULLET:
        return f"{'*' * (block.level + 1)} {_inline(block.inlines)}"
    return f"\n{_inline(block.inlines)}\n"


def _inline(parts: Iterable[Inline]) -> str:
    around = {"": "{}", "code": "{{{{{}}}}}", "strong": "*{}*", "em": "_{}_", "link": "[{}]"}
    return "".join(around[mark].format(text if mark == "link" else escaped(text)) for text, mark in parts)


def escaped(text: str) -> str:
    """Text in which nothing is markup."""
    return _MARKUP.sub(lambda match: f"&#{ord(match[0])};", text)


def _split(text: str) -> tuple[str, str, str]:
    """What is before our part, the part, and what is after it; all of it is before when there is no part."""
    text = _lines(text)
    first = _MARKER.search(text)
    end = text.find(_END, first.start()) if first else -1
    if first is None or end < 0:
        return text, "", ""
    return text[: first.start()], text[first.start() : end], text[end + len(_END) :]


def _lines(text: str) -> str:
    return (text or "").replace("\r\n", "\n").strip()
