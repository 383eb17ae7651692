"""An entry in the Markdown of a description: our part between two invisible marks, everything around it is people's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from secretsweep.checklist import body
from secretsweep.errors import TrackerError
from secretsweep.model import Done, Entry

END = "<!-- secretsweep:end -->"
_HINT = "_What stands above is made anew; write below this line._"


@dataclass(frozen=True, slots=True)
class MarkdownTexts:
    """`largest`: characters that a description may have."""

    largest: int

    def written(self, entry: Entry, old: str | None) -> str:
        """The description with our part as it is now. TrackerError when people's own text leaves no room for it."""
        before, part, after = _split(old or "")
        if not part and body.marked(before):  # the end was lost: what stands there may be anybody's
            before, after = "", before.replace(body.marker(entry.id), "").strip()
        elif not part:
            before, after = "", before.strip()
        around = [text for text in (before.strip(), after.strip()) if text]
        room = self.largest - sum(len(text) + 2 for text in around)
        for text in body.versions(entry):
            whole = f"{body.marker(entry.id)}\n{text}\n\n{_HINT}\n\n{END}"
            if len(whole) <= room:
                return "\n\n".join(filter(None, (before.strip(), whole, after.strip())))
        raise TrackerError(f"{entry.id[:12]}: the text that people wrote into its issue leaves no room for the steps")

    def markers(self, text: str) -> Sequence[str]:
        return body.marked(_split(text)[1] or text)

    def ticks(self, text: str) -> Mapping[str, Done]:
        return body.ticks(_split(text)[1] or text)

    def told(self, text: str) -> str:
        return body.told(_split(text)[1] or _lines(text))

    def same(self, one: str, other: str) -> bool:
        return _lines(one) == _lines(other)


def _split(text: str) -> tuple[str, str, str]:
    """What is before our part, the part, and what is after it; all of it is before when there is no part."""
    text = _lines(text)
    names = body.marked(text)
    start = text.find(body.marker(names[0])) if names else -1
    end = text.find(END, start) if start >= 0 else -1
    if end < 0:
        return text, "", ""
    return text[:start], text[start:end], text[end + len(END) :]


def _lines(text: str) -> str:
    """Browsers end lines with CR LF, and services strip the ends."""
    return text.replace("\r\n", "\n").strip()
