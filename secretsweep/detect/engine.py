"""Gate, extract, match, judge: the findings of one object, whatever it is wrapped in."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from secretsweep import decode, formats, lazyre
from secretsweep.decode import base64, unicode
from secretsweep.decode.budget import Budget
from secretsweep.detect import excerpt, gates, verdict
from secretsweep.detect.allow import allowed
from secretsweep.detect.gate import MOST
from secretsweep.detect.gating import EMBEDDED, Gating
from secretsweep.detect.keys import encoded, noun
from secretsweep.detect.lines import Lines
from secretsweep.detect.match import Compiled, around, compiled, names
from secretsweep.detect.matches import Match, canonical, without_overlaps
from secretsweep.detect.members import Lost, Memory, Outcome
from secretsweep.model import Blob, Dismissed, Finding, Place, Rule, Secret, Span, Unit

if TYPE_CHECKING:
    from secretsweep.detect.detect_secrets import Second

_REMEMBERED = 32 << 20  # bytes of excerpts whose outcome is kept; a full memory starts anew
_EXPLAINED = 200_000  # dismissals kept for -v
_LEAST = 6  # bytes that could hold a finding
# the rest of a line after `password:` that no structure around it can make a finding
_SETTLED = lazyre.compile(
    rb"[ \t]*(?:"
    rb"[\"']?\$?\{\{(?![^\n]*(?:default|coalesce|ternary|\|\||\|[ ]?d\(|\.get\b)|-?[ ]*\\?[\"'`])[^\n{}]*\}\}"
    rb"[\"']?[ \t]*,?[ \t]*(?:#[^\n]*)?\r?$|"
    rb"[\"']?<[\w -]*>[\"']?[ \t]*,?\r?$|!vault\b|(?:\$\{?[A-Z]\w*\}?|~|\.{0,2})/[a-z0-9_./{}$-]*[\"']?[ \t]*,?\r?$|"
    rb"[\"']?(?:\*{3,}|x{3,}|X{3,}|changeme|password|redacted)[\"']?[ \t]*,?\r?$|"
    rb"[\"']?\$(?:\{[A-Za-z_][\w.]*\}|[A-Z_][A-Z0-9_]*|[a-z][a-z_]*)[\"']?[ \t]*,?\r?$|"
    rb"(?:var|local|data|module|each|self)\.[\w.\[\]\"'-]+[ \t]*\r?$|"
    rb"(?:true|false|null|nil|none|yes|no|string|required|optional)\b[\"']?[ \t]*,?[ \t]*\r?$|"
    rb"[\"']{2}[ \t]*,?[ \t]*(?:#[^\n]*)?\r?$|[\[{][\]}][ \t]*,?\r?$|"
    rb"\d{1,3}[ \t]*,?[ \t]*\r?$)",
    re.MULTILINE,
)


# how what is no plain text begins
_WRAPPED = frozenset(
    (b"PK", b"\x1f\x8b", b"BZ", b"\xfd7", b"x\x01", b"x\x9c", b"x\xda", b"\xff\xfe", b"\xfe\xff")
)
_COMMENT = lazyre.compile(rb"[ \t]*(?:#(?!!)|//(?!\S{1,200}:_\w))")  # `//npm.acme.io/:_authToken=` is an entry
_LITERAL = lazyre.compile(rb"[\"'`]|[A-Za-z0-9+/_.\-]{16}")
_BACKWARDS = lazyre.compile(rb"[:=> \t\"'`\])\\]*([\w.\-]+)")


WHOLE = "whole"  # the region within which one reading says all
_STRUCTURED = ("value", "generic", "region")  # kinds of gates that the structure around a place answers


_FELL_BACK = Match(Rule("", "", "", "", "low", "low", ""), b"", Span(0, 0), "", "", (), "")


class Engine:
    """The rules, compiled, and what was learned from the excerpts seen so far. One a process."""

    def __init__(
        self,
        rules: Iterable[Rule],
        cache: Path | None,
        trusted: bool = True,
        explain: bool = False,
        second: "Second | None" = None,
    ) -> None:
        self.trusted = trusted  # inline markers of a foreign repository accept nothing
        self.explain = explain
        self.dismissed: dict[Dismissed, None] = {}
        self.fell_back: set[str] = set()  # paths with a place whose structure did not parse, and that was read by lines
        every = tuple(rules)
        self._rules = {rule.id: rule for rule in every}
        self._keyed = [rule for rule in every if rule.keys]
        self._nouns = {noun: self._rules.get(f"generic-{noun}") for noun in ("password", "secret")}
        self._names: Any = None
        self._second = second
        further = second.gates if second else ()
        self._gating = Gating((*gates.of(every, cache), *further), cache)
        self._meaning = self._gating.meaning
        self._packed = Memory()
        self._memory: dict[object, tuple[Match, ...]] = {}
        self._memory_size = 0
        self._rules_for: Callable[[str], tuple[Compiled, ...]] = lru_cache(maxsize=65536)(self._with_key)

    @property
    def rules(self) -> dict[str, Rule]:
        """Every rule that a finding may name."""
        return {**self._rules, **self._second.rules} if self._second else self._rules

    def scan(self, blob: Blob, lost: list[Lost]) -> list[Finding]:
        """The findings of an object; parts of it that were not read are added to `lost`."""
        data = blob.data
        head = data[:2]
        if not (head in _WRAPPED or data[257:262] == b"ustar" or b"\0" in head):
            hits = self._gating.hits(data, blob.path)  # most objects end here
            if not hits:
                return []
            budget = Budget()
            matches = self._inspect(data, blob.path, budget, hits)
            lines = Lines(data)
            found = [self._finding(blob, match, lines.place(match.span), match.span) for match in matches]
        else:
            budget = Budget()
            found = list(self._object(blob, budget, lost))
        lost += [Lost(blob.path, "budget", limit) for limit in sorted(budget.spent)]
        return found

    def _object(self, blob: Blob, budget: Budget, lost: list[Lost]) -> Iterator[Finding]:
        data = blob.data
        if len(data) < _LEAST:
            return
        if (container := decode.container(data)) and not getattr(container, "TEXT", False):
            yield from self._members(blob, container, budget, lost)
            return
        if encoding := unicode.encoding(data):
            text = unicode.to_utf8(data, encoding)
            lines = Lines(text)
            for match in self._inspect(text, blob.path, budget):
                span = Span(*(min(len(data), unicode.offset(text, at, encoding)) for at in match.span))
                yield self._finding(blob, match, lines.place(match.span), span)
            return
        matches = self._inspect(data, blob.path, budget)
        lines = Lines(data)
        for match in matches:
            yield self._finding(blob, match, lines.place(match.span), match.span)

    def _members(self, blob: Blob, container: decode.Container, budget: Budget, lost: list[Lost]) -> Iterator[Finding]:
        if not budget.deeper():
            return
        for member in decode.members(blob.data, container, budget):
            path = f"{blob.path}!{member.name}" if member.name else _unwrapped(blob.path, member.data)
            if member.lost and member.lost != "budget":
                lost.append(Lost(path, member.lost.partition(":")[0].partition(" ")[0], member.lost))
            if member.data:
                yield from self._member(Blob(blob.oid, path, member.data), budget, lost)
        budget.up()

    def _member(self, blob: Blob, budget: Budget, lost: list[Lost]) -> Iterable[Finding]:
        """The findings of a member, which other versions of its archive may have, too."""
        if self.explain or "!" not in blob.path:  # reasons are told for every place
            return self._object(blob, budget, lost)
        key = self._packed.key(blob, budget)
        if known := self._packed.get(key, budget):
            told = known.at(blob)
            budget.left -= told.bytes
            budget.members -= told.members
        else:
            spent, left, members = len(budget.spent), budget.left, budget.members
            outside, self.fell_back = self.fell_back, set()
            missing: list[Lost] = []
            found = tuple(self._object(blob, budget, missing))
            fell_back, self.fell_back = tuple(self.fell_back), outside
            told = Outcome(blob.path, found, tuple(missing), fell_back, left - budget.left, members - budget.members)
            if len(budget.spent) == spent:  # else it was cut short by this object's budget
                self._packed.keep(key, told)
        lost += told.lost
        self.fell_back.update(told.fell_back)
        return told.findings

    def _finding(self, blob: Blob, match: Match, place: Place, span: Span) -> Finding:
        value = canonical(match)
        login = match.rule.kind == "basic-auth" and value != match.value  # its password, out of base64
        return Finding(
            match.rule.id,
            Secret(value),
            blob.oid,
            blob.path,
            span,
            match.key,
            match.format,
            (*match.trail, "base64") if login else match.trail,
            match.confidence,
            place,
            match.inner,
        )

    def _inspect(
        self, data: bytes, path: str, budget: Budget, hits: list[tuple[int, int]] | None = None
    ) -> list[Match]:
        """The findings in a text, without overlaps, in order."""
        if hits is None and not (hits := self._gating.hits(data, path)):
            return []
        if len(hits) >= MOST:
            budget.spent.add(f"more than {MOST:,} candidates in one text")
        hits = hits.copy()  # decoded text is gated with the same list
        found: list[Match] = []
        done: set[object] = set()
        decoded: dict[str, int] = {}
        prose = verdict.place(path) not in ("", "log")  # only quoted or token-like values count
        fmt: formats.Format | None = None
        read: list[Span] = []
        if wholes := [(self._meaning[number][1], at) for number, at in hits if self._meaning[number][2] == WHOLE]:
            fmt = formats.owner(path, data)
            found, read = self._wholes(fmt, data, wholes, path, budget, done)
        for number, at in hits:
            kind, target, region = self._meaning[number]
            if region == WHOLE or (read and kind in _STRUCTURED and _is_read(data, at, read)):
                continue
            if kind == "rule":
                rule = self._rules[target]
                for span in around(compiled(rule), data, at):
                    if (target, span) not in done:
                        done.add((target, span))
                        found += self._token(rule, data, span, path)
            elif kind == "decoder":
                found += self._decoded(target, data, at, path, budget, decoded)
            elif kind == "value":
                fmt = fmt or formats.owner(path, data)
                found += self._region(fmt, data, at, "statement", path, budget, done)
            elif kind == "second":
                continue
            elif self.explain or not (_SETTLED.match(data, at) or (kind == "generic" and _names_no_secret(data, at))):
                fmt = fmt or formats.owner(path, data)
                if prose and kind == "generic" and not _LITERAL.search(data, at, excerpt.line_of(data, at)[1]):
                    continue
                if kind != "region" or fmt.NAME in target.split():
                    found += self._region(fmt, data, at, region, path, budget, done)
                elif EMBEDDED in getattr(fmt, "REGIONS", ()):
                    found += self._region(fmt, data, at, EMBEDDED, path, budget, done)
        if self._second:
            found = [*self._confirmed(found, data, path), *self._by_second(hits, data)]
        if not found:
            return []
        if fmt is None:
            fmt = formats.owner(path, data)
        named = [m if m.format else m._replace(format=fmt.NAME) for m in found]
        if self.trusted:
            named = [m for m in named if not self._accepted(data, m, path)]
        return without_overlaps(named)

    def _confirmed(self, found: list[Match], data: bytes, path: str) -> Iterator[Match]:
        """Without the weak ones that a filter of detect-secrets dismisses."""
        assert self._second
        for match in found:
            if match.rule.generic and match.confidence == "low":
                start, end = excerpt.line_of(data, match.span.start + 1)
                line, value = data[start:end].decode("utf-8", "replace"), match.value.decode("utf-8", "replace")
                if reason := self._second.dismissal(path, line, value):
                    if self.explain:
                        self._dismiss(match.rule, reason, path, data, match.span.start)
                    continue
            yield match

    def _by_second(self, hits: list[tuple[int, int]], data: bytes) -> Iterator[Match]:
        """What detect-secrets finds on the lines that a gate hit."""
        assert self._second
        for start, end in dict.fromkeys(excerpt.line_of(data, at) for _, at in hits):
            line = data[start:end]
            for rule, text in self._second.found(line.decode("utf-8", "surrogateescape")):
                value = text.encode("utf-8", "surrogateescape")
                at = line.find(value)
                if at >= 0:
                    yield Match(rule, value, Span(start + at, start + at + len(value)), "", "", (), rule.confidence)

    def _wholes(
        self,
        fmt: formats.Format,
        data: bytes,
        places: list[tuple[str, int]],
        path: str,
        budget: Budget,
        done: set[object],
    ) -> tuple[list[Match], list[Span]]:
        """The findings of what the format reads as a whole, and where that is: in order and without overlaps."""
        found: list[Match] = []
        read: list[Span] = []
        for target, at in places:
            if fmt.NAME in target.split():
                found += self._region(fmt, data, at, WHOLE, path, budget, done, read)
        apart: list[Span] = []
        for span in sorted(read):
            if apart and span.start < apart[-1].end:
                span = Span(apart[-1].start, max(apart.pop().end, span.end))
            apart.append(span)
        return found, apart

    def _token(self, rule: Rule, data: bytes, span: Span, path: str) -> Iterator[Match]:
        value = data[span.start : span.end]
        judged = verdict.judge_token(rule, value)
        if judged.confidence:
            yield Match(rule, value, span, "", "", (), judged.confidence)
        elif self.explain:
            self._dismiss(rule, judged.reason, path, data, span.start)

    def _decoded(
        self, name: str, data: bytes, at: int, path: str, budget: Budget, seen: dict[str, int]
    ) -> Iterator[Match]:
        """What stands in the encoded run around a hit."""
        encoding = decode.encodings()[name]
        if at <= seen.get(name, 0):
            return  # hits come in order, so this one lies in the run that was read last
        span = encoding.run(data, at)
        seen[name] = span.end
        run = data[span.start : span.end]
        key = (name, run, verdict.place(path))
        inner = self._memory.get(key)
        spent = len(budget.spent)
        if inner is None:
            inner = ()
            if budget.deeper():
                content = encoding.decode(run)
                if content and budget.allows(len(content)):
                    inner = tuple(self._content(content, budget))
                budget.up()
            self._remember(key, len(run), inner, budget, spent)
        place = getattr(encoding, "place", None)
        for match in inner:
            exact = place(run, match.span).shifted(span.start) if place else span
            yield match.within(exact, "", "", name)

    def _content(self, content: bytes, budget: Budget) -> Iterator[Match]:
        """Findings in decoded bytes: text, UTF-16, or a compressed file."""
        if container := decode.container(content):
            if budget.deeper():
                for member in decode.members(content, container, budget):
                    for match in self._content(member.data, budget):
                        yield match._replace(trail=(member.name or container.NAME, *match.trail))
                budget.up()
        elif encoding := unicode.encoding(content):
            for match in self._inspect(unicode.to_utf8(content, encoding), "", budget):
                yield match._replace(trail=(unicode.NAMES[encoding], *match.trail))
        elif content:
            yield from self._inspect(content, "", budget)

    def _region(
        self,
        fmt: formats.Format,
        data: bytes,
        at: int,
        region: str,
        path: str,
        budget: Budget,
        done: set[object],
        read: list[Span] | None = None,
    ) -> Iterator[Match]:
        """Findings of the structure around a hit, remembered by the excerpt that decides them; it is noted in `read`
        when it parsed."""
        where = verdict.place(path)
        own = getattr(fmt, "REGIONS", None) or {}
        if region in ("statement", "siblings") and region not in own:
            line, end = excerpt.line_of(data, at)
            if region == "statement":
                if line in done:
                    return
                done.add(line)
            if _COMMENT.match(data, line, end):  # what is commented out is prose, and still in the history
                fmt, region, where = formats.named("text"), "line", where or "docs"
        spot = excerpt.Place(
            data,
            at,
            region,
            getattr(fmt, "ANCESTORS", True),
            getattr(fmt, "CONTEXT", b""),
            own,
        )
        if (spot.start, spot.end) in done:
            return
        done.add((spot.start, spot.end))
        spent = len(budget.spent)
        near = (fmt.NAME, where, spot.key)
        inner = self._memory.get(near)
        if inner is None or self.explain:  # reasons are told for every place, not for every excerpt
            part = spot.excerpt()
            key = (fmt.NAME, where, part.offset, part.text)
            inner = self._memory.get(key)
            if inner is None or self.explain:
                inner = tuple(self._structure(fmt, data, part, path, where, budget))
                self._remember(key, len(part.text), inner, budget, spent)
            self._remember(near, 0, inner, budget, spent)
        if inner and inner[0] is _FELL_BACK:
            self.fell_back.add(path)
            inner = inner[1:]
        elif read is not None:
            read.append(Span(spot.start, spot.end))
        for match in inner:
            yield match._replace(span=match.span.shifted(spot.start))

    def _structure(
        self, fmt: formats.Format, data: bytes, part: excerpt.Excerpt, path: str, where: str, budget: Budget
    ) -> Iterator[Match]:
        """Findings in an excerpt, with spans that count from the excerpt's own place."""
        try:
            units = list(fmt.extract(Blob("", "", part.text)))
        except formats.Unparsed:
            yield _FELL_BACK
            fmt = formats.named("text")
            units = list(fmt.extract(Blob("", "", part.text)))
        for unit in units:
            if unit.span.start < part.offset or not unit.value:
                continue
            span = unit.span.shifted(-part.offset)
            literals = [(unit.value, unit.trail), *_decoded_by_name(unit)]
            around = "" if unit.trail and where == "code" else where  # in a literal, values stand bare in code too
            for value, trail in literals:
                yield from self._literal(fmt, data, part, path, around, unit, value, trail, span)
            if unit.form == "joined":  # a message in pieces is prose, and its name has said what it is
                continue
            if unit.trail or unit.value not in part.text[unit.span.start : unit.span.end]:
                for match in self._content(unit.value, budget):
                    verbatim = not (unit.trail or match.trail)
                    exact = _exact(part.text, unit.span, match.value, part.offset) if verbatim else span
                    yield match.within(exact, unit.key, fmt.NAME, *unit.trail)

    def _literal(
        self,
        fmt: formats.Format,
        data: bytes,
        part: excerpt.Excerpt,
        path: str,
        where: str,
        unit: Unit,
        value: bytes,
        trail: tuple[str, ...],
        span: Span,
    ) -> Iterator[Match]:
        """The findings of the keyed rules in one literal: the first provider's rule that fits, else the generic one."""
        matched = False
        for entry in self._rules_of(unit):
            rule = entry.rule
            if (matched and not rule.provider) or not entry.pattern.fullmatch(value):
                continue
            counts = value
            if rule.provider:
                judged = verdict.judge_keyed(rule, unit.key, value)
            else:
                text = value.decode("utf-8", "surrogateescape")
                judged, text = verdict.judge_generic(rule, unit.key, text, unit.form, where)
                counts = text.encode("utf-8", "surrogateescape")
            if judged.confidence:
                matched = True
                inside = part.text[unit.span.start : unit.span.end].find(counts)
                exact = Span(span.start + inside, span.start + inside + len(counts)) if inside >= 0 else span
                yield Match(rule, counts, exact, unit.key, fmt.NAME, trail, judged.confidence)
            elif self.explain:
                self._dismiss(rule, judged.reason, path, data, part.start + span.start)

    def _rules_of(self, unit: Unit) -> tuple[Compiled, ...]:
        """The keyed rules for a literal; one that its file calls secret needs no name that says so."""
        found = self._rules_for(unit.key)
        if ":" not in unit.form or noun(unit.key):
            return found
        rule = self._nouns.get(verdict.declared(unit.key, unit.form))
        return (*(entry for entry in found if entry.rule.provider), compiled(rule)) if rule else found

    def _with_key(self, key: str) -> tuple[Compiled, ...]:
        """The keyed rules for an address: those of providers first."""
        if self._names is None:
            self._names = names([rule.keys for rule in self._keyed])
        address = key.encode("utf-8", "surrogateescape")
        found = [compiled(self._keyed[index]) for index in self._names.Match(address) or ()]
        return tuple(sorted(found, key=lambda e: (not e.rule.provider, e.rule.generic, e.rule.id)))

    def _remember(self, key: object, size: int, matches: tuple[Match, ...], budget: Budget, spent: int) -> None:
        if len(budget.spent) > spent:
            return  # cut short by this object's budget: no other object's answer
        self._memory_size += size + 200
        if self._memory_size > _REMEMBERED:
            self._memory.clear()
            self._memory_size = size
        self._memory[key] = matches

    def _accepted(self, data: bytes, match: Match, path: str) -> bool:
        accepted = allowed(data, match.span.start, match.span.end)
        if accepted and self.explain:
            self._dismiss(match.rule, "accepted by an inline marker", path, data, match.span.start)
        return accepted

    def _dismiss(self, rule: Rule, reason: str, path: str, data: bytes, at: int) -> None:
        if len(self.dismissed) < _EXPLAINED:
            self.dismissed[Dismissed(rule.id, reason, path, data.count(b"\n", 0, at) + 1)] = None


def _is_read(data: bytes, at: int, read: list[Span]) -> bool:
    """Whether a place lies in what was read as a whole, and not in a comment."""
    after = bisect_right(read, at, key=lambda span: span.start)
    if not after or at > read[after - 1].end:
        return False
    return not _COMMENT.match(data, excerpt.line_of(data, at)[0])


def _names_no_secret(data: bytes, at: int) -> bool:
    """Whether the name before the operator at `at` is one like `secretName` or `token_ttl`."""
    found = _BACKWARDS.match(data[max(0, at - 120) : at][::-1])
    return found is not None and not noun(found[1][::-1].decode("latin-1"))


def _unwrapped(path: str, content: bytes) -> str:
    """The path of what a compressed file holds; a tar in it is transparent (`chart.tgz!chart/values.yaml`)."""
    if (container := decode.container(content)) and container.NAME == "tar":
        return path
    name = path.rpartition("/")[2].rpartition("!")[2]
    stem = next((name.removesuffix(s) for s in (".gz", ".bz2", ".xz") if name.endswith(s)), name)
    return f"{path}!{stem}"


def _exact(text: bytes, span: Span, value: bytes, offset: int) -> Span:
    """Where a value stands in a literal that is written with escapes elsewhere; else all of the literal."""
    raw = text[span.start : span.end]
    at = raw.find(value)
    if at < 0 or raw.find(value, at + 1) >= 0:
        return span.shifted(-offset)
    return Span(span.start - offset + at, span.start - offset + at + len(value))


def _decoded_by_name(unit: Unit) -> Iterator[tuple[bytes, tuple[str, ...]]]:
    """What a literal holds whose name says that it is base64."""
    if encoded(unit.key) and not unit.trail:
        content = base64.decode(unit.value.ljust(base64.SHORTEST, b"="))
        if content and content.isascii() and content.decode().isprintable():
            yield content, ("base64",)


