"""An entry in the Atlassian Document Format, which Jira Cloud has for descriptions; its steps are tasks to tick.

ADF has no invisible text, so our part stands between two short paragraphs. What people ticked is the state of a task;
the step it belongs to is its first word, for editors make the tasks' own ids anew.
https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from secretsweep.checklist import body
from secretsweep.errors import TrackerError
from secretsweep.model import Done, Entry
from secretsweep.trackers._blocks import BULLET, CODE, STEP, Block, Inline, blocks, inlines

LARGEST = 32_767  # characters of a description; the whole document is held below it, as its count is not documented
_MARKER = re.compile(r"secretsweep:fp=([0-9a-f]{8,64})")
_END = "(secretsweep:end)"
_HINT = f"What stands above is made anew; write below this line. {_END}"
_STATE = re.compile(r"^State: (open|closed \S+|risk accepted)", re.MULTILINE)
_EVIDENCE = ("evidence: ", "not applicable: ")
Node = dict[str, Any]


class AdfTexts:
    """Descriptions are documents."""

    def written(self, entry: Entry, old: Node | None) -> Node:
        """The document with our part as it is now. TrackerError when people's own text leaves no room for it."""
        before, part, after = _split(old)
        if not part:
            after = [node for node in before if not _MARKER.fullmatch(_flat(node).strip())]
            before = []
        for text in body.versions(entry):
            ours = [_paragraph([Inline(f"secretsweep:fp={entry.id}", "code")]), *rendered(text, entry.id)]
            document = {"type": "doc", "version": 1, "content": [*before, *ours, _paragraph([Inline(_HINT)]), *after]}
            if len(json.dumps(document, ensure_ascii=False)) <= LARGEST:
                return document
        raise TrackerError(f"{entry.id[:12]}: the text that people wrote into its issue leaves no room for the steps")

    def markers(self, text: Node | None) -> Sequence[str]:
        before, part, _ = _split(text)
        found = (_MARKER.fullmatch(_flat(node).strip()) for node in part[:1] or before)
        return [match[1] for match in found if match]

    def ticks(self, text: Node | None) -> Mapping[str, Done]:
        before, part, _ = _split(text)
        lines = []
        for task in _tasks(part or before):
            first, *rest = _flat(task).split("\n")
            ticked = (task.get("attrs") or {}).get("state") == "DONE"
            lines.append(f"- [{'x' if ticked else ' '}] **{first.partition(' ')[0]}**")
            lines += [f"  - {line.strip()}" for line in rest if line.strip().startswith(_EVIDENCE)]
        return body.ticks("\n".join(lines))

    def told(self, text: Node | None) -> str:
        before, part, _ = _split(text)
        state = _STATE.search("\n".join(map(_flat, part or before)))
        return state[1] if state else ""

    def same(self, one: Node | None, other: Node | None) -> bool:
        return list(map(_essence, _content(one))) == list(map(_essence, _content(other)))


def rendered(text: str, name: str) -> list[Node]:
    """Markdown as nodes of a document; `name` makes ids that stay."""
    found: list[Node] = []
    for number, block in enumerate(blocks(text)):
        last = found[-1] if found else {}
        if block.kind == STEP:
            if last.get("type") != "taskList":
                found.append({"type": "taskList", "attrs": {"localId": f"{name[:16]}-steps"}, "content": []})
            state = {"localId": f"{name[:16]}-{number}", "state": "DONE" if block.done else "TODO"}
            found[-1]["content"].append({"type": "taskItem", "attrs": state, "content": _inline(block.inlines)})
        elif last.get("type") == "taskList" and block.level:
            last["content"][-1]["content"] += _below(block)
        elif block.kind == BULLET and not block.level:
            if last.get("type") != "bulletList":
                found.append({"type": "bulletList", "content": []})
            found[-1]["content"].append(_item(block))
        elif last.get("type") == "bulletList" and block.level:
            _nested(last["content"][-1]["content"], block)
        else:
            found.append(_code(block) if block.kind == CODE else _paragraph(block.inlines))
    return found


def comment(said: str) -> Node:
    """One line of Markdown as a document."""
    return {"type": "doc", "version": 1, "content": [_paragraph(list(inlines(said)))]}


def _nested(item: list[Node], block: Block) -> None:
    if block.kind == CODE:
        item.append(_code(block))
    elif item[-1]["type"] == "bulletList":
        item[-1]["content"].append(_item(block))
    else:
        item.append({"type": "bulletList", "content": [_item(block)]})


def _below(block: Block) -> list[Node]:
    """What stands below a step, in the task itself: a task holds lines only."""
    lines = block.inlines[0].text.split("\n") if block.kind == CODE else [""]
    found: list[Node] = []
    for line in lines:
        found.append({"type": "hardBreak"})
        found += _inline([Inline(line, "code")] if block.kind == CODE else block.inlines)
    return found


def _item(block: Block) -> Node:
    return {"type": "listItem", "content": [_paragraph(block.inlines)]}


def _paragraph(parts: Sequence[Inline]) -> Node:
    return {"type": "paragraph", "content": _inline(parts)}


def _code(block: Block) -> Node:
    return {"type": "codeBlock", "attrs": {"language": "shell"}, "content": _inline(block.inlines)}


def _inline(parts: Iterable[Inline]) -> list[Node]:
    found: list[Node] = []
    for text, mark in parts:
        node: Node = {"type": "text", "text": text}
        if mark:
            node["marks"] = [{"type": mark, "attrs": {"href": text}} if mark == "link" else {"type": mark}]
        if text:
            found.append(node)
    return found


def _split(document: Node | None) -> tuple[list[Node], list[Node], list[Node]]:
    """What is before our part, the part with its first and without its last paragraph, and what is after it."""
    nodes = _content(document)
    texts = [_flat(node).strip() for node in nodes]
    start = next((at for at, text in enumerate(texts) if _MARKER.fullmatch(text)), None)
    end = None if start is None else next((at for at in range(start, len(nodes)) if texts[at].endswith(_END)), None)
    if start is None or end is None:
        return nodes, [], []
    return nodes[:start], nodes[start:end], nodes[end + 1 :]


def _content(node: Any) -> list[Node]:
    content = node.get("content") if isinstance(node, dict) else None
    return [one for one in content if isinstance(one, dict)] if isinstance(content, list) else []


def _flat(node: Node) -> str:
    """Its text; breaks and ends of paragraphs are ends of lines."""
    if node.get("type") == "hardBreak":
        return "\n"
    if node.get("type") == "text":
        return str(node.get("text", ""))
    end = "\n" if node.get("type") in ("paragraph", "taskItem", "codeBlock") else ""
    return "".join(map(_flat, _content(node))) + end


def _tasks(nodes: Iterable[Node]) -> Iterator[Node]:
    for node in nodes:
        if node.get("type") == "taskItem":
            yield node
        else:
            yield from _tasks(_content(node))


def _essence(node: Node) -> Any:
    """What people see of it: services give ids and defaults of their own to the rest."""
    marks = sorted(str(mark.get("type")) for mark in node.get("marks") or () if isinstance(mark, dict))
    state = (node.get("attrs") or {}).get("state")
    return node.get("type"), node.get("text"), marks, state, list(map(_essence, _content(node)))
