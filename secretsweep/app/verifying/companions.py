"""What stands beside a credential: the id to a key, the host to a password. In doubt nothing is taken."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from secretsweep import formats
from secretsweep.app.address import LARGEST, literals
from secretsweep.detect.lines import Lines
from secretsweep.model import Blob, Finding, Secret, Span, Unit
from secretsweep.verifiers import Beside

_NEAR = 30  # lines around a credential in which what belongs to it may stand
_MANY = 100  # candidates on one line; more are of a file that nobody wrote
_STEM = re.compile(
    r"[_.-]?(?:pass(?:word|wd)?|pwd|secret|token|host(?:name|addr)?|server|address|endpoint|port|user(?:_?name)?|login|"
    r"role|database|(?:db_?)?name|engine|dialect|driver|adapter|scheme|type|connection)$",
    re.IGNORECASE,
)
_ENDS = re.compile(rb"[\s\"'`<>,;]")


class Missing(Exception):
    """A companion was not found, or several could be it; the message says which, and no value."""


class _Candidate(NamedTuple):
    value: Secret
    block: str  # address of what its literal stands in
    line: int
    key: str = ""  # its address, when it was found by that
    stem: str = ""  # `DB` of a literal `DB_HOST`


@dataclass(frozen=True)
class Around:
    """A file, with what was found in it. `data` is empty where the content cannot be read by lines (an archive)."""

    blob: Blob
    findings: Sequence[Finding]

    def literal(self, finding: Finding) -> Secret:
        """All of the literal that holds a credential: of its format, else what stands between blanks and quotes."""
        unit = self._units_of.get(finding)
        if unit is not None and not finding.trail:
            return Secret(unit.value)
        if finding.trail or finding.path != self.blob.path:
            return finding.secret
        data, span = self.blob.data, finding.span
        before = max((match.end() for match in _ENDS.finditer(data, max(0, span.start - 2000), span.start)), default=0)
        after = _ENDS.search(data, span.end)
        return Secret(data[before : after.start() if after else len(data)])

    def beside(self, finding: Finding, wanted: Mapping[str, Beside]) -> dict[str, Secret]:
        """The companions of a credential. Missing when one that it needs is not there, or not the only one."""
        found = {}
        for name, beside in wanted.items():
            try:
                value = self._one(finding, name, beside)
            except Missing:
                if not beside.optional:
                    raise
                continue
            if value is not None:
                found[name] = value
            elif not beside.optional:
                raise Missing(f"it takes the {name} that belongs to it, which was not found beside it")
        return found

    def _one(self, finding: Finding, name: str, beside: Beside) -> Secret | None:
        """Other findings count more than literals by their name, and these more than text."""
        for candidates in (self._by_rule(beside), self._by_key(beside), self._by_text(beside, finding.place.line)):
            others = [c for c in candidates if c.value != finding.secret and abs(c.line - finding.place.line) <= _NEAR]
            if beside.family:
                others = [c for c in others if self._akin(c, finding)]
            if beside.only and len({c.value for c in candidates}) > 1:
                raise Missing(f"several values in the file could be the {name} that belongs to it; none was tried")
            if others:
                return _nearest(others, self._block(finding), _stem(finding.address), finding.place.line, name)
        return self._across(beside.across) if beside.across else None

    def _akin(self, candidate: _Candidate, finding: Finding) -> bool:
        """Whether a literal is of the same thing, by its block and by how its name begins."""
        if not candidate.key:
            return False
        block, stem = self._block(finding), _stem(finding.address)
        if not block or not candidate.block:
            return block == candidate.block and stem == candidate.stem
        longer, shorter = sorted((block, candidate.block), key=len, reverse=True)
        return f"{longer}.".startswith(f"{shorter}.") and (stem == candidate.stem or not stem or not candidate.stem)

    def _across(self, pattern: str) -> Secret | None:
        found = islice(re.finditer(pattern, "\n".join(self._lines)), _MANY)
        text = "\n".join(match[0] for match in found)
        return Secret(text.encode("utf-8", "surrogateescape")) if text else None

    def _block(self, finding: Finding) -> str:
        unit = self._units_of.get(finding)
        return _parent(unit.key if unit else finding.key)

    def _by_rule(self, beside: Beside) -> list[_Candidate]:
        found = (finding for finding in self.findings if finding.rule in beside.rules and len(finding.secret))
        return [_Candidate(finding.secret, self._block(finding), finding.place.line) for finding in found]

    def _by_key(self, beside: Beside) -> list[_Candidate]:
        if not beside.keys:
            return []
        found = []
        for unit, line in self._units:
            if re.search(beside.keys, unit.key) and unit.value:
                value = unit.value.decode("utf-8", "surrogateescape")
                match = re.fullmatch(beside.pattern, value) if beside.pattern else None
                if match or not beside.pattern:
                    found.append(_Candidate(_value(match, value), _parent(unit.key), line, unit.key, _stem(unit.key)))
        return found

    def _by_text(self, beside: Beside, line: int) -> list[_Candidate]:
        pattern = beside.near or ("" if beside.keys else beside.pattern)
        if not pattern or b"\0" in self.blob.data[:1024]:
            return []
        first = max(0, line - 1 - _NEAR)
        found = []
        for number, text in enumerate(self._lines[first : line + _NEAR], first + 1):
            matches = islice(re.finditer(pattern, text), _MANY)
            found += [_Candidate(_value(match, match[0]), "", number) for match in matches]
        return found

    @cached_property
    def _lines(self) -> list[str]:
        return self.blob.data[:LARGEST].decode("utf-8", "surrogateescape").split("\n")

    @cached_property
    def _units(self) -> list[tuple[Unit, int]]:
        """The literals of the file with their lines; none when it does not parse."""
        if len(self.blob.data) > LARGEST:
            return []
        try:
            units = sorted(formats.owner(self.blob.path, self.blob.data).extract(self.blob), key=lambda unit: unit.span)
        except (formats.Unparsed, RecursionError):
            return []
        lines = Lines(self.blob.data)
        return [(unit, lines.place(Span(unit.span.start, unit.span.start)).line) for unit in units]

    @cached_property
    def _units_of(self) -> Mapping[Finding, Unit]:
        own = [finding for finding in self.findings if finding.path == self.blob.path]
        return {finding: unit for finding, (_, unit) in literals(self.blob, own).items()}


def _nearest(candidates: Sequence[_Candidate], block: str, stem: str, line: int, name: str) -> Secret:
    """The one in the same block, else in the file; there the one whose name begins alike (`DB_HOST` of `DB_PASSWORD`);
    of several the nearest, if only one is that near."""
    inside = [c for c in candidates if c.block == block] or candidates
    inside = [c for c in inside if stem and c.stem == stem] or inside
    least = min(abs(c.line - line) for c in inside)
    values = {c.value for c in inside if abs(c.line - line) == least}
    if len(values) > 1:
        raise Missing(f"several values beside it could be the {name} that belongs to it; none was tried")
    return values.pop()


def _stem(key: str) -> str:
    last = key.rpartition(".")[2]
    stem, count = _STEM.subn("", last)
    return stem.upper() if count else ""


def _parent(key: str) -> str:
    return key.rpartition(".")[0]


def _value(match: "re.Match[str] | None", whole: str) -> Secret:
    text = match["value"] if match and "value" in match.re.groupindex else whole
    return Secret((text or "").encode("utf-8", "surrogateescape"))
