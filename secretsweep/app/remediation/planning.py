"""The plan: which value goes where, what each file will say, and what is left alone. Nothing happens here."""

import os
import traceback
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from secretsweep import stores, writers
from secretsweep.app.remediation import naming, proof
from secretsweep.app.remediation.materialize import after, edits_of
from secretsweep.app.remediation.spots import NOWHERE, Sighted, Unreachable, sighted
from secretsweep.app.remediation.tree import WorkTree
from secretsweep.app.remediation.veil import doubted
from secretsweep.decode.writings import standing
from secretsweep.errors import UsageError
from secretsweep.formats import Unparsed
from secretsweep.model import (
    REVIEW,
    Blob,
    Change,
    Credential,
    Edit,
    Finding,
    Plan,
    Put,
    Reference,
    Refusal,
    Secret,
    Span,
    Spot,
)


@dataclass(frozen=True, slots=True)
class Goal:
    """Where values are to go."""

    store: stores.Module
    options: stores.Options
    template: str
    repo: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan, and what only this process may know: the values, and what each file was."""

    plan: Plan
    secrets: Mapping[Reference, Secret]
    before: Mapping[str, bytes]  # path -> content that the plan was made for
    findings: Mapping[str, Sequence[Finding]]
    doubted: frozenset[Secret] = frozenset()  # called a credential, though none was found: new text may repeat it

    @property
    def values(self) -> set[Secret]:
        """All that must not be shown: what is moved, and what else stands in these files and stays."""
        found = (f.secret for findings in self.findings.values() for f in findings)
        return {*self.secrets.values(), *found, *self.doubted}


def plan(
    found: Iterable[tuple[Blob, Sequence[Finding]]],
    credentials: Mapping[Secret, Credential],
    tree: WorkTree,
    goal: Goal,
    connection: stores.Store | stores.Sealer | None,
    scan: proof.Scan,
) -> Prepared:
    """The plan for all findings whose credential is in `credentials`; paths of `found` count from the tree's root.

    Without a connection nobody knows what the store holds already, and the plan says so.
    """
    files = [(blob, list(findings)) for blob, findings in found]
    refusals: list[Refusal] = []
    spots: dict[str, list[Sighted]] = {}
    sealing = goal.store.NAME if stores.sealing(goal.store) else ""
    for blob, findings in files:
        if why := tree.untouchable(blob.path, blob.data):
            refusals += (Refusal(s.spot, why) for s in sighted(blob, findings, credentials, sealing))
            continue
        for place in sighted(blob, findings, credentials, sealing):
            if isinstance(place, Unreachable):
                refusals.append(Refusal(place.spot, place.reason, place.instead))
            else:
                spots.setdefault(blob.path, []).append(place)
    named = _Names(goal, connection, tree)
    secrets: dict[Reference, Secret] = {}
    before = {blob.path: blob.data for blob, _ in files}
    known = {blob.path: findings for blob, findings in files}
    changes: list[Change] = []
    for path, places in spots.items():
        ready = []
        for place in places:
            reference = named.of(place.spot, place.secret)
            named.whole[reference] = place.whole
            secrets[reference] = place.secret
            ready.append(place.spot._replace(reference=reference))
        for result in _rewritten(ready, writers.File(path, before[path]), tree, sealing):
            if isinstance(result, Refusal):
                refusals.append(result)
            elif why := _elsewhere(result, tree) or _objection(result, before, known, secrets, tree, scan):
                refusals += (Refusal(spot, why, "replace it by hand") for spot in result.spots)
            else:
                changes.append(_weighed(result, before, secrets))
    changes, colliding = _apart(changes)
    refusals += colliding
    puts = _puts(changes, named)
    references = [put.reference for put in puts]
    finished = Plan(
        root=str(tree.root),
        store=goal.store.NAME,
        puts=puts,
        changes=tuple(changes),
        refusals=tuple(sorted(refusals, key=lambda r: (r.spot.path, r.spot.span))),
        grants=goal.store.grants(references) if puts else "",
        notes=(*named.notes, *stores.notes(goal.store, references, goal.options, os.environ)),
        sealed=stores.sealing(goal.store),
        stored=tuple(sorted({r.path for r in references})) if stores.keeps_files(goal.store) else (),
    )
    return Prepared(finished, secrets, before, known, frozenset(_doubted(finished, before, tree)))


def _doubted(plan: Plan, before: Mapping[str, bytes], tree: WorkTree) -> Iterable[Secret]:
    """What may be a credential in the files that change, and is no part of what values are called."""
    called = "\n".join(str(put.reference) for put in plan.puts)
    for path in plan.paths:
        data = before.get(path)
        for secret in doubted(path, data if data is not None else tree.read(path) or b""):
            if secret.masked_in(called) == called:
                yield secret


class _Names:
    """References by value: one value has one path, two values never the same. What is sealed is where it stands."""

    def __init__(self, goal: Goal, connection: stores.Store | stores.Sealer | None, tree: WorkTree) -> None:
        self._goal = goal
        self._connection = connection
        self._tree = tree
        self._of: dict[Secret, Reference] = {}
        self._taken: dict[str, Secret] = {}
        self._places: dict[tuple[str, Span, Secret], Reference] = {}
        self.existing: set[Reference] = set()
        self.whole: dict[Reference, bool] = {}
        self.notes: list[str] = []

    def of(self, spot: Spot, secret: Secret) -> Reference:
        if stores.sealing(self._goal.store):
            return self._here(spot, secret)
        if secret not in self._of:
            goal = self._goal
            path = goal.store.fitted(naming.wished(goal.template, goal.repo, spot.path, spot.key, spot.rule, spot.kind))
            self._of[secret] = self._free(path, secret)
        return self._of[secret]

    def _here(self, spot: Spot, secret: Secret) -> Reference:
        """The place itself: two of one value are two ciphertexts."""
        at = (spot.path, spot.span, secret)
        if at not in self._places:
            store = self._goal.store
            path = store.fitted(spot.path)
            name = naming.apart(f"{path}#{naming.name(spot.key) or spot.rule}", self._taken)
            self._taken[name] = secret
            found = store.reference(path, self._goal.options)._replace(field=name[len(path) + 1 :])
            self._places[at] = self._connection.resolved(found) if self._connection else found
        return self._places[at]

    def _free(self, path: str, secret: Secret) -> Reference:
        store, options = self._goal.store, self._goal.options
        while True:
            path = naming.apart(path, self._taken)
            reference = store.reference(path, options)
            self._taken[path] = secret
            if stores.keeps_files(store):
                self._check(reference.path)
            if self._connection is None:
                return reference
            assert not isinstance(self._connection, stores.Sealer)
            reference = self._connection.resolved(reference)
            try:
                held = self._connection.get(reference)
            except stores.Taken:
                self.notes.append(f"{reference} is taken without a value (deleted?), so the next free path is taken")
                continue
            if held is None:
                return reference
            if held == secret:
                self.existing.add(reference)
                return reference
            self.notes.append(f"{reference} holds another value already, so the next free path is taken")

    def _check(self, path: str) -> None:
        """UsageError when a file of the tree must not hold values."""
        why = self._tree.untouchable(path, self._tree.read(path))
        if not why and self._tree.ignores(path):
            why = "ignored by git, so that nobody else would get it"
        if why:
            raise UsageError(f"{path}: {why}; choose another file for the values with --path-template")


def _rewritten(spots: Sequence[Spot], file: writers.File, tree: WorkTree, sealing: str) -> Iterable[Change | Refusal]:
    """What the writers say of a file's spots, each in the syntax of its own document."""
    by_writer: dict[int, tuple[writers.Writer, list[Spot]]] = {}
    for spot in spots:
        writer = writers.writing(spot, file.data, sealing)
        assert writer is not None
        by_writer.setdefault(id(writer), (writer, []))[1].append(spot)
    for writer, own in by_writer.values():
        try:
            results = list(writer.rewrite(own, file, tree))
        except Unparsed:
            yield from (
                Refusal(spot, "the file does not parse as a whole", "mend it, or replace it by hand") for spot in own
            )
            continue
        except (
            Exception
        ) as error:  # one file that a writer cannot stand costs no other one; the text may quote the file
            where = traceback.extract_tb(error.__traceback__)[-1]
            at = f"{type(error).__name__} in {os.path.basename(where.filename)}:{where.lineno}"
            yield from (Refusal(spot, f"a bug: {at}", "please report this line; replace it by hand") for spot in own)
            continue
        told = [spot for result in results for spot in (result.spots if isinstance(result, Change) else (result.spot,))]
        yield from results
        forgotten = [spot for spot in own if spot not in told]
        yield from (
            Refusal(spot, "a bug: the writer forgot it", "please report it; replace it by hand") for spot in forgotten
        )


def _elsewhere(change: Change, tree: WorkTree) -> str:
    """Why another file that belongs to a change must not be written to; "" when all may."""
    own = {spot.path for spot in change.spots}
    others = {edit.path for edit in change.edits} | {addition.path for addition in change.additions}
    for path in sorted(others - own):
        if why := tree.untouchable(path, tree.read(path)):
            return f"{path} would have to change with it, and is left alone: {why}"
    return ""


def _objection(
    change: Change,
    before: Mapping[str, bytes],
    findings: Mapping[str, Sequence[Finding]],
    secrets: Mapping[Reference, Secret],
    tree: WorkTree,
    scan: proof.Scan,
) -> str:
    """Why a change, made alone, would not hold; "" when it would."""
    assert all(spot.reference is not NOWHERE for spot in change.spots)
    for path, edits in edits_of([change], tree).items():
        old = before.get(path)
        old = old if old is not None else tree.read(path) or b""
        try:
            new = after(old, edits)
        except ValueError as error:
            return f"the edits do not fit: {error}"
        here = [spot for spot in change.spots if spot.path == path]
        own = findings.get(path)
        known = own if own is not None else scan(Blob("", path, old))
        spans = {spot.span for spot in here}
        gone = Counter(secret for _, secret in {(f.span, f.secret) for f in known if f.span in spans})
        moved = [s for s in gone if not standing(s, _blanked(old, [s.literal for s in here]))]
        for objection in proof.objections(path, known, new, gone, moved, scan):
            return objection
    return ""


def _weighed(change: Change, before: Mapping[str, bytes], secrets: Mapping[Reference, Secret]) -> Change:
    """A change is for a person to look at when the finding is weak, or its value also stands elsewhere in the file."""
    for path in sorted({spot.path for spot in change.spots}):
        here = [spot for spot in change.spots if spot.path == path]
        rest = _blanked(before[path], [spot.literal for spot in here])
        for secret in {secrets[spot.reference] for spot in here}:
            if how := standing(secret, rest):
                warning = f"the same value also stands elsewhere in {path}, {how}"
                change = replace(change, disposition=REVIEW, warnings=(*change.warnings, warning))
    weak = any(spot.confidence == "low" for spot in change.spots)
    return replace(change, disposition=REVIEW) if weak else change


def _blanked(data: bytes, spans: Iterable[tuple[int, int]]) -> bytes:
    out = bytearray(data)
    for start, end in spans:
        out[start:end] = b"\0" * (end - start)
    return bytes(out)


def _apart(changes: Sequence[Change]) -> tuple[list[Change], list[Refusal]]:
    """The changes whose edits do not overlap those of an earlier one; the others as refusals. Two may share an edit."""
    kept: list[Change] = []
    refused: list[Refusal] = []
    taken: dict[str, set[Edit]] = defaultdict(set)
    for change in changes:
        if any(edit not in taken[path] and _overlaps(edit, taken[path]) for path, edit in change.edits):
            why = "overlaps another change", "apply, then remediate again"
            refused += (Refusal(spot, *why) for spot in change.spots)
            continue
        for path, edit in change.edits:
            taken[path].add(edit)
        kept.append(change)
    return kept, refused


def _overlaps(edit: Edit, others: Iterable[Edit]) -> bool:
    return any(o.span.start < edit.span.end and edit.span.start < o.span.end for o in others)


def _puts(changes: Sequence[Change], named: _Names) -> tuple[Put, ...]:
    origins: dict[Reference, list[Spot]] = {}
    for change in changes:
        for spot in change.spots:
            origins.setdefault(spot.reference, []).append(spot)
    return tuple(
        Put(
            id=spots[0].id,
            reference=reference,
            origins=tuple(sorted({f"{s.path}:{s.line}" for s in spots})),
            exists=reference in named.existing,
            whole=named.whole[reference],
        )
        for reference, spots in origins.items()
    )
