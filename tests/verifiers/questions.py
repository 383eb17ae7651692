"""What the verifiers that are data are asked: a credential as in its rule's example, with what stands beside it."""

import json
import zlib
from typing import Any

from secretsweep.app.verifying.companions import Around
from secretsweep.detect.engine import Engine
from secretsweep.detect.gate import cache_folder
from secretsweep.model import Blob, Finding
from secretsweep.rules.load import load
from secretsweep.rules.placeholders import fill
from secretsweep.verifiers import Asked
from secretsweep.verifiers._data import Data, Means

RULES = {rule.id: rule for rule in load()}
_ENGINE: list[Engine] = []


def engine() -> Engine:
    """One for all tests of a process."""
    if not _ENGINE:
        _ENGINE.append(Engine(load(), cache_folder()))
    return _ENGINE[0]


def around(text: str, path: str = "app.env") -> Around:
    """A file as `verify` sees it."""
    blob = Blob("", path, text.encode())
    return Around(blob, engine().scan(blob, []))


def sample(data: Data, rule: str) -> tuple[Around, Finding]:
    """A file with a credential of a rule that this verifier can ask about, and its companions."""
    for number, example in enumerate(RULES[rule].examples):
        seed = zlib.crc32(f"{data.NAME}/{number}".encode())
        lines = [fill(beside.example, seed + at) for at, beside in enumerate(data.BESIDE.values())]
        place = around("\n".join((fill(example, seed), *lines, "")))
        found = [f for f in place.findings if f.rule == rule]
        if found and data.where(Asked(found[0].secret, rule, "", place.beside(found[0], data.BESIDE))):
            return place, found[0]
    raise AssertionError(f"{data.NAME}: no example of {rule} can be asked about")


def asked(data: Data, rule: str = "", address: str = "") -> Asked:
    """The question that `verify` would ask."""
    rule = rule or data.RULES[0]
    place, finding = sample(data, rule)
    return Asked(finding.secret, rule, "", place.beside(finding, data.BESIDE), address)


def body(means: Means) -> bytes:
    """Content for which a meaning holds."""
    if not means.json and means.text:
        return means.text.encode()
    document: Any = {}
    for address, wanted in means.json.items():
        document = _with(document, address.split("."), wanted[0] if wanted else "something")
    if means.text:
        document["and"] = means.text
    return json.dumps(document).encode()


def _with(document: Any, address: list[str], value: object) -> Any:
    if not address:
        return value
    if address[0].isdecimal():
        return [_with(None, address[1:], value)]
    document = document if isinstance(document, dict) else {}
    return {**document, address[0]: _with(document.get(address[0]), address[1:], value)}
