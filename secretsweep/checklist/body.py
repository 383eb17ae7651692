"""An entry as Markdown, the same in a file and in an issue; what people ticked and wrote there is read back.

A repository's names are not trusted: whatever comes from it stands in code spans, so that it mentions nobody, links
nowhere and ends no comment.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from secretsweep.checklist import kept
from secretsweep.model import Done, Entry, Event, Exposure, Task
from secretsweep.model.rotation import ACCEPTED, CLOSED, PURGE, ROTATE_ONLY

LARGEST = 60_000  # characters of a body; GitHub takes 65,536
_PLACES, _EVENTS = 20, 30
_LONGEST = 300  # characters of a name in a place
_MARKER = re.compile(r"<!-- secretsweep:fp=([0-9a-f]{8,64}) -->")
_DATA = re.compile(r"<!-- secretsweep:data\n(.*?)\n-->", re.DOTALL)
_TICK = re.compile(r"^[-*+] \[([ xX])\] \*\*([a-z]+)\*\*")
_EVIDENCE = re.compile(r"^\s+[-*+] (evidence|not applicable):\s*(.*?)\s*$")
_SIGNED = re.compile(r"^(.*?)\s+\(([^()]*), (\d{4}-\d\d-\d\d[0-9T:.+\-Z]*)\)$")
_STATE = re.compile(r"^- \*\*State\*\*: (open|closed \S+|risk accepted)", re.MULTILINE)
_DECIDED = {
    ROTATE_ONLY: "rotate only, the history stays",
    PURGE: "purge the history, after the rotation",
    "undecided": "not decided yet: `secretsweep purge --plan` helps",
}


def marker(name: str) -> str:
    """What an entry is found by again."""
    return f"<!-- secretsweep:fp={name} -->"


def marked(text: str) -> list[str]:
    """The ids whose markers are in a text."""
    return _MARKER.findall(text)


def title(entry: Entry) -> str:
    """One line, without markup: `Rotate Stripe live secret key (high) in deploy/values.yaml`."""
    where = entry.exposures[0].path if entry.exposures else ""
    text = f"Rotate {entry.name} ({entry.severity})" + (f" in {where}" if where else "")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:200]


def written(entry: Entry, *, data: bool = False) -> str:
    """The body; with `data` everything that gives the entry back stands in it, too, invisibly."""
    parts = list(versions(entry))
    text = next((part for part in parts if len(part) <= LARGEST), parts[-1][:LARGEST])
    block = f"\n\n{_data(entry)}" if data else ""
    return f"{marker(entry.id)}\n{text}{block}\n"


def versions(entry: Entry) -> Iterator[str]:
    """The text without its marker, ever shorter; every version has all steps."""
    for places, events in ((_PLACES, _EVENTS), (3, 5), (1, 1)):
        yield "\n".join(_lines(entry, places, events))


def _lines(entry: Entry, places: int, events: int) -> Iterator[str]:
    yield f"- **What**: {code(entry.name)}, {entry.kind}, severity {entry.severity}, confidence {entry.confidence}"
    yield f"- **State**: {_state(entry)}"
    yield f"- **Deadline**: {_day(entry.deadline)}"
    first = f"since {_day(entry.since)}" if entry.since else "since when is not known"
    yield f"- **Exposed**: {first}; {_everybody(entry.public)}"
    for exposure in entry.exposures[:places]:
        yield f"  - {_place(exposure)}"
    if len(entry.exposures) > places:
        yield f"  - and {len(entry.exposures) - places} more places; `secretsweep checklist show {entry.id}` has all"
    if entry.introduced_by:
        yield f"- **Introduced by**: {code(entry.introduced_by)}"
    if entry.owners:
        yield f"- **Owner**: {', '.join(map(code, entry.owners))}"
    if entry.consumers:
        yield "- **Consumers**, which need the new value:"
        for consumer in entry.consumers[:places]:
            yield f"  - {code(consumer.name)} at {code(f'{consumer.path}:{consumer.line}')}"
        if len(entry.consumers) > places:
            yield f"  - and {len(entry.consumers) - places} more"
    if entry.reference:
        yield f"- **Moved to**: {code(f'{entry.reference.store} {entry.reference}')}"
    yield f"- **History**: {_DECIDED[entry.purge]}{f' ({code(entry.purge_reason)})' if entry.purge_reason else ''}"
    if entry.judgement:
        said = ", ".join(filter(None, (entry.judgement.status, entry.judgement.why)))
        yield f"- **Still valid?** {entry.judgement.state}, by {code(entry.judgement.who)}, {entry.judgement.when}" + (
            f": {code(said)}" if said else ""
        )
    if entry.about:
        yield f"- **Mind**: {entry.about}"
    if entry.query:
        yield "- **Look for misuse**:"
        yield from _block(entry.query, "  ")
    yield ""
    yield "**Steps** (write evidence below a step as `  - evidence: …`)"
    yield ""
    for task in entry.tasks:
        yield from _task(task)
    if entry.links:
        yield ""
        yield "See " + ", ".join(f"<{link}>" for link in entry.links)
    yield ""
    yield "**What happened**"
    yield ""
    for event in entry.events[-events:]:
        yield f"- {_event(event)}"


def _task(task: Task) -> Iterator[str]:
    wants = " *(closing needs evidence)*" if task.evidenced else ""
    yield f"- [{'x' if task.done else ' '}] **{task.id}** {task.text}{wants}"
    for command in task.commands:
        yield from _block(command, "  ")
    if task.done and (task.done.evidence or task.done.skipped):
        word = "not applicable" if task.done.skipped else "evidence"
        signed = (
            f" ({plain(task.done.who).replace('(', '').replace(')', '')}, {task.done.when})" if task.done.who else ""
        )
        yield f"  - {word}: {plain(task.done.evidence)}{signed}"


def _block(command: str, indent: str) -> Iterator[str]:
    fence = "```"
    while fence in command:
        fence += "`"
    yield f"{indent}{fence}sh"
    for line in command.splitlines():
        yield f"{indent}{line}"
    yield f"{indent}{fence}"


def _state(entry: Entry) -> str:
    if entry.state == CLOSED and entry.closed:
        return f"closed {entry.closed.when} by {code(entry.closed.who)}: {plain(entry.closed.evidence)}"
    if entry.state == ACCEPTED and entry.acceptance:
        accepted = entry.acceptance
        return f"risk accepted until {accepted.until} by {code(accepted.who)}: {plain(accepted.reason)}"
    return f"open{f', reopened {entry.reopened} times' if entry.reopened else ''}"


def _place(exposure: Exposure) -> str:
    where = code(f"{_short(exposure.path)}:{exposure.line}")
    where += f" {code(_short(exposure.key))}" if exposure.key else ""
    came = f", since {_day(exposure.since)} in {code(exposure.commit[:12])}" if exposure.commit else ""
    gone = f", removed {_day(exposure.until)} in {code(exposure.removed[:12])}" if exposure.removed else ""
    now = ", **still there**" if exposure.in_head else "" if gone else f", in the history ({exposure.reachable})"
    return f"{where}{came}{gone}{now}"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]}…{text[-_LONGEST // 2 :]}"


def _event(event: Event) -> str:
    return f"{event.when} {event.what} by {code(event.who)}" + (f": {inert(event.said)}" if event.said else "")


def _everybody(public: str) -> str:
    return {"yes": "**everybody can read the repository**", "no": "the repository is not public"}.get(
        public, "whether the repository is public is not known"
    )


def _day(when: str) -> str:
    return when[:10] if len(when) >= 10 else when


def code(text: str) -> str:
    """A code span in which nothing is markup, a mention or a link."""
    text = _one_line(text) or " "
    fence = "`"
    while fence in text:
        fence += "`"
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def plain(text: str) -> str:
    """Text on one line that ends no comment, opens none, and mentions nobody."""
    return _one_line(text).replace("@", "@\u200b")


def inert(text: str) -> str:
    """The same, and nothing in it is markup: no image is loaded, no link hidden behind other words."""
    return re.sub(r"([\\`*\[\]<])", r"\\\1", plain(text))


def _one_line(text: str) -> str:
    one = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return one.replace("<!--", "<! --").replace("-->", "-- >")


def ticks(text: str) -> Mapping[str, Done]:
    """The steps that are ticked in a body, with the evidence that stands below them; `when` and `who` may be ""."""
    found: dict[str, Done] = {}
    step, fence = "", ""
    for line in text.splitlines():
        if mark := re.match(r"\s*(`{3,})", line):
            fence = "" if fence and mark[1].startswith(fence) else fence or mark[1]
            continue
        if fence:
            continue
        if tick := _TICK.match(line):
            step = tick[2]
            if tick[1] != " ":
                found[step] = Done("", "")
        elif line and not line[0].isspace():
            step = ""
        elif step and (evidence := _EVIDENCE.match(line)) and evidence[2]:
            said = evidence[2].replace("@\u200b", "@")
            signed = _SIGNED.match(said)
            text_, who, when = (signed[1], signed[2], signed[3]) if signed else (said, "", "")
            if step in found:
                found[step] = Done(when, who, text_, evidence[1] == "not applicable")
    return found


def told(text: str) -> str:
    """The state that a body tells: open, `closed 2026-03-02T12:00:00+00:00`, risk accepted; "" when it tells none."""
    state = _STATE.search(text)
    return state[1] if state else ""


def _data(entry: Entry) -> str:
    """All that the ledger keeps, a line a field, so that git merges what two people changed."""
    facts = {
        **kept.facts(entry),
        "events": [event._asdict() for event in entry.events],
        "posted": [posted._asdict() for posted in entry.posted],
    }
    lines = (
        f"{json.dumps(name)}: {json.dumps(facts[name], sort_keys=True).replace('>', chr(92) + 'u003e')}"
        for name in sorted(facts)
    )
    return "<!-- secretsweep:data\n" + ",\n".join(lines) + "\n-->"


def data(text: str) -> Mapping[str, Any] | None:
    """What a body holds beside its text; None when there is nothing that can be read."""
    block = _DATA.search(text)
    if block is None:
        return None
    try:
        found = json.loads("{" + block[1].rstrip().rstrip(",") + "}")
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def events(raw: Sequence[Any]) -> tuple[Event, ...]:
    """Events as data has them; what is none is left out."""
    texts = ("when", "who", "what", "said")
    return tuple(
        Event(*(one[name] for name in texts))
        for one in raw
        if isinstance(one, dict) and all(isinstance(one.get(name), str) for name in texts)
    )
