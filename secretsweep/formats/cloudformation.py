"""CloudFormation, SAM and CDK templates: what Join, Sub and Base64 make of literals, and the files of cfn-init."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from secretsweep import lazyre
from secretsweep.formats import Gate, Unparsed, _gates, _nested, _sections, _written, json, yaml
from secretsweep.formats._address import NAMES, VALUES, pair, text
from secretsweep.model import Blob, Span, Unit

NAME = "cloudformation"
PRIORITY = 25
GATES = (
    Gate(r"\bUserData[\"']?\s{0,2}:", "entry"),
    Gate(r"\bName[\"']?\s{0,2}:[^\n]{0,80}[/_-](?:password|passwd|secret|token|key)[\"']?[\s,]", "entry"),
    _gates.PAIR,
)

_OWN = lazyre.compile(r"\.(?:template|cfn|cform)$", re.IGNORECASE)
_MARK = lazyre.compile(
    rb"\bAWSTemplateFormatVersion[\"']?\s*:|\bTransform[\"']?\s*:[\s\"'\[-]*AWS::|\bType[\"']?\s*:\s*[\"']?AWS::\w+::"
)
_JSON = lazyre.compile(rb"(?:\xef\xbb\xbf)?\s*(?:[{\[]|\"[^\"\n]*\"\s*:[^\n]*[{\[,]\s*\n)")
_HEADER = lazyre.compile(
    rb"^([ \t]*)[\"']?(?:Resources|Parameters|Mappings|Outputs|Globals|Metadata|Conditions|Rules)[\"']?[ \t]*:"
    rb"[ \t{]*\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*([ \t]+)",
    re.MULTILINE,
)
_FUNCTION = lazyre.compile(r"\.Fn::(?:Sub(?:\[[01]\])?|Base64|If\[[12]\])")
_JOIN = lazyre.compile(r"(.*?)\.Fn::Join\[(?:0\]\Z|1\]\[(\d+)\](.*)\Z)", re.DOTALL)
_LITERAL = frozenset(("tag:!Sub", "tag:!Base64"))
_FILE = lazyre.compile(r"(.*\bfiles\.(?:\"(/[^\"]*)\"|(/[^.\"]*)))\.(content|encoding)\Z", re.DOTALL)


def owns(path: str, head: bytes) -> bool:
    if path and not (yaml.owns(path, head) or json.owns(path, head) or _OWN.search(path)):
        return False
    return _MARK.search(head) is not None  # of what was decoded, there is no path


def extract(blob: Blob) -> Iterator[Unit]:
    """Every literal, as the functions around it join them."""
    return _nested.expand(blob.data, units(blob.data))


def units(data: bytes) -> list[Unit]:
    """The literals; what cfn-init writes is opened, other nested documents are not."""
    return list(_files(data, _named(_joined(_plain(data)))))


def _plain(data: bytes) -> list[Unit]:
    if _JSON.match(data):
        return json.units(data)
    try:
        return [unit for document in yaml.documents(data, function="Fn::") for unit in document]
    except Unparsed:
        if b'":' in data:  # a part of a long line
            return json.units(data)
        raise


def _joined(every: Iterable[Unit]) -> Iterator[Unit]:
    """The pieces of a join as one literal, in which a reference is `${Name}`."""
    pieces: dict[str, list[tuple[str, Unit]]] = {}
    delimiters: dict[str, bytes] = {}
    for unit in every:
        if unit.form in _LITERAL:
            unit = unit._replace(form="block" if b"\n" in unit.value else "double")
        if not (join := _JOIN.match(unit.key)):
            yield unit
        elif join[2] is None:
            delimiters[join[1]] = unit.value
        else:
            pieces.setdefault(join[1], []).append((join[3], unit))
    for key, parts in pieces.items():
        values = [_piece(rest, unit) for rest, unit in parts]
        span = Span(parts[0][1].span.start, parts[-1][1].span.end)
        yield Unit(span, key, delimiters.get(key, b"").join(values), "double")


def _piece(rest: str, unit: Unit) -> bytes:
    """A literal, or a stand-in for what another function yields."""
    is_literal = not _FUNCTION.sub("", rest) and not unit.form.startswith("tag:")
    return unit.value if is_literal or rest.startswith(".Fn::Join[1]") else b"${%s}" % unit.value[:64]


def _named(every: Iterable[Unit]) -> Iterator[Unit]:
    """Without functions in the addresses, and values called by the name beside them."""
    names: dict[str, str] = {}
    waiting: list[Unit] = []
    for unit in every:
        parent, _, last = unit.key.rpartition(".")
        if last in NAMES:
            names.setdefault(parent, text(unit.value))
        if "Fn::" in unit.key and (key := _FUNCTION.sub("", unit.key)) != unit.key:
            unit = unit._replace(key=key)
        if unit.key.rpartition(".")[2] in VALUES:
            waiting.append(unit)
        else:
            yield unit
    for unit in waiting:
        parent = unit.key.rpartition(".")[0]
        yield unit._replace(key=pair(parent, names[parent])) if parent in names else unit


def _files(data: bytes, every: Iterable[Unit]) -> Iterator[Unit]:
    """The literals, and what is in the files that cfn-init writes."""
    known = [unit for unit in every if ".ParameterLabels." not in unit.key]  # what the console calls a parameter
    found = [(unit, _FILE.match(unit.key)) for unit in known]
    encodings = {file[1]: text(unit.value) for unit, file in found if file and file[4] == "encoding"}
    for unit, file in found:
        if file and file[4] == "content":
            yield from _written.file(data, unit, file[2] or file[3], encodings.get(file[1], ""))
        else:
            yield unit


def _entry(data: bytes, at: int) -> tuple[int, int]:
    """The resource, the parameter, the output …: its functions stand anywhere in it."""
    return _sections.around(_entries(data), data, at)


@lru_cache(maxsize=2)
def _entries(data: bytes) -> tuple[int, ...]:
    return _sections.entries(_HEADER, data)


REGIONS = dict.fromkeys(("statement", "siblings", "entry"), _entry)
