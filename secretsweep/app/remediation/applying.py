"""One transaction: every value is in the store and read back before a byte of a file changes; a crash loses nothing."""

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple, TypeVar

from secretsweep import stores
from secretsweep.app.remediation import journal as journals
from secretsweep.app.remediation import proof, sealing, writing
from secretsweep.app.remediation.journal import DONE, PUTTING, WRITING, Journal, Replaced, Written
from secretsweep.app.remediation.materialize import after, edits_of
from secretsweep.app.remediation.planning import Prepared
from secretsweep.app.remediation.tree import WorkTree
from secretsweep.errors import ApplyError, StoreError
from secretsweep.model import Change, Edit, Finding, Plan, Reference, Secret, Span, Spot
from secretsweep.reports import _safe

_NOT_UNDONE = "nothing was undone"
_TOLD = 20  # files that are in the way, by their names


class New(NamedTuple):
    """A file: what it is (None: not there), what it will be, and the edits between."""

    old: bytes | None
    new: bytes
    edits: Sequence[Edit]


class Undone(NamedTuple):
    """A file that is as it was; `removed` when there was none."""

    path: str
    removed: bool


T = TypeVar("T")
Restored = tuple[bytes | None, bytes | None]  # what a file is, and what it was
Connect = Callable[[Journal], stores.Store | stores.Sealer]
Step = Callable[[str], None]  # hears of each step before the next one: progress, and faults in tests


def apply(
    prepared: Prepared,
    chosen: Plan,
    tree: WorkTree,
    store: stores.Store | stores.Sealer,
    options: stores.Options,
    journal_file: Path,
    scan: proof.Scan,
    step: Step = lambda said: None,
) -> None:
    """Perform `chosen`, a part of the prepared plan. ApplyError or StoreError stop it, and say where it stands."""
    with journals.held(journal_file):
        _applied(prepared, chosen, tree, store, options, journal_file, scan, step)


def _applied(
    prepared: Prepared,
    chosen: Plan,
    tree: WorkTree,
    store: stores.Store | stores.Sealer,
    options: stores.Options,
    journal_file: Path,
    scan: proof.Scan,
    step: Step,
) -> None:
    _no_unfinished(journal_file)
    key = None
    if isinstance(store, stores.Sealer):
        chosen, key = sealing.filled(chosen, store), sealing.key(store)
    news = _proven(prepared, chosen.changes, tree, scan)
    salt = os.urandom(16)
    under = {reference: key.secret if key else secret for reference, secret in prepared.secrets.items()}
    keep = Journal(
        journal_file,
        str(tree.root.resolve()),
        chosen.store,
        PUTTING,
        salt,
        {name: value for name, value in asdict(options).items() if value},
        _in_git(news, salt, tree) if key and not key.sealed else _entries(news, chosen.changes, under, salt),
        key.sealed if key else "",
    )
    keep.keep()
    step("journal")
    if not isinstance(store, stores.Sealer):
        _put(prepared, chosen, store, step)
    keep.state = WRITING
    keep.keep()
    step("writing")
    finish(keep, tree, step)


def _put(prepared: Prepared, chosen: Plan, store: stores.Store, step: Step) -> None:
    """Every value to the store."""
    origin = {put.reference: put.origins for put in chosen.puts}
    for number, put in enumerate(chosen.puts):
        try:
            _stored(store, put.reference, prepared.secrets[put.reference], origin[put.reference])
        except StoreError as error:
            done = f"{number} of {len(chosen.puts)} values are stored, no file was changed; running it again goes on"
            raise StoreError(f"{error}; {done}") from None
        step(f"stored {put.reference}")


def finish(keep: Journal, tree: WorkTree, step: Step = lambda said: None) -> None:
    """Write what the journal says and is not written yet. Where one file is in the way, nothing is written."""
    again = "run it again to finish, or `secretsweep remediate --undo` to take it back"
    pending = _every(keep.written, lambda entry: _pending(entry, keep, tree), f"nothing was written; {again}")
    for path, (now, new) in pending.items():
        if now != new:
            writing.replace(tree.root, path, now, new)
            step(f"wrote {path}")
    keep.state = DONE
    keep.keep()
    step("done")


def _pending(entry: Written, keep: Journal, tree: WorkTree) -> tuple[bytes | None, bytes]:
    """What a file is, and what it is to be."""
    now = writing.present(tree.root / entry.path)
    if now is not None and keep.digest(now) == entry.after:
        return now, now
    if (now is None) == entry.existed or (now is not None and keep.digest(now) != entry.before):
        raise ApplyError(f"{entry.path}: the file changed in between: undo or commit that change")
    new = after(now or b"", journals.edits(entry))
    if keep.digest(new) != entry.after:
        raise ApplyError(f"{entry.path}: the journal does not fit")
    return now, new


def _every(written: Sequence[Written], of: Callable[[Written], T], otherwise: str) -> dict[str, T]:
    """What is known of each file, by its path. ApplyError names all that are in the way, and says what is not done."""
    found, faults = {}, []
    for entry in written:
        try:
            found[entry.path] = of(entry)
        except ApplyError as error:
            faults.append(str(error))
    if faults:
        more = [f"and {len(faults) - _TOLD} more files"] if len(faults) > _TOLD else []
        raise ApplyError("; ".join((*faults[:_TOLD], *more, otherwise)))
    return found


def resume(journal_file: Path, tree: WorkTree) -> bool:
    """Finish what a former run began to write; whether there was anything. Values were stored before any file."""
    if journals.read(journal_file) is None:
        return False
    with journals.held(journal_file):
        return _resumed(journal_file, tree)


def _resumed(journal_file: Path, tree: WorkTree) -> bool:
    keep = journals.read(journal_file)
    if keep is None or keep.state == DONE:
        return False
    if keep.state == PUTTING:  # no file was touched: the next plan finds the values where they are
        journal_file.unlink()
        return False
    if Path(keep.root) != tree.root.resolve():
        raise ApplyError(f"an unfinished apply belongs to {keep.root}: run it there again")
    finish(keep, tree)
    return True


def undo(journal_file: Path, tree: WorkTree, connect: Connect) -> list[Undone]:
    """Restore the files of the last apply from the values in the store, which keeps everything."""
    if journals.read(journal_file) is None:
        why = f"no apply is on record for {tree.root}; outside of git, give a path inside what was remediated"
        raise ApplyError(f"there is nothing to undo: {why}")
    with journals.held(journal_file):
        return _undone(journal_file, tree, connect)


def _undone(journal_file: Path, tree: WorkTree, connect: Connect) -> list[Undone]:
    keep = journals.read(journal_file)
    if keep is None:
        raise ApplyError("there is nothing to undo: another run has just done it")
    if Path(keep.root) != tree.root.resolve():
        raise ApplyError(f"the last apply was in {keep.root}: undo it there")
    if keep.state == PUTTING:
        journal_file.unlink()
        return []
    if all(entry.blob for entry in keep.written if entry.existed) and not keep.key:  # nobody here can open anything
        olds = _every(keep.written, lambda entry: _from_git(entry, keep, tree), _NOT_UNDONE)
    else:
        olds = _opened(keep, tree, connect(keep))
    done = []
    for path, (now, old) in olds.items():
        if now != old:
            writing.replace(tree.root, path, now, old)
            done.append(Undone(path, old is None))
    journal_file.unlink()
    return done


def _opened(keep: Journal, tree: WorkTree, store: stores.Store | stores.Sealer) -> dict[str, Restored]:
    """What all files are and were, with the help of the store."""
    try:
        value: Callable[[Reference], Secret | None]
        if isinstance(store, stores.Sealer):
            key = store.opened(keep.key)
            value = lambda reference: key  # noqa: E731
        else:
            value = store.get
        return _every(keep.written, lambda entry: _restored(entry, keep, tree, value), _NOT_UNDONE)
    finally:
        store.close()


def _no_unfinished(journal_file: Path) -> None:
    keep = journals.read(journal_file)
    if keep is not None and keep.state == WRITING:
        raise ApplyError("an earlier apply is not finished: `--resume` finishes it, `--undo` takes it back")


def _proven(prepared: Prepared, changes: Sequence[Change], tree: WorkTree, scan: proof.Scan) -> dict[str, New]:
    """Every file as it will be, when all of them hold together."""
    found = {}
    spans: dict[str, set[Span]] = defaultdict(set)
    for spot in (spot for change in changes for spot in change.spots):
        spans[spot.path].add(spot.span)
    for path, edits in edits_of(changes, tree).items():
        old = writing.present(tree.root / path)
        planned = prepared.before.get(path)
        if planned is not None and old != planned:
            raise ApplyError(f"{path}: the file changed since the plan was made; plan again")
        new = after(old or b"", edits)
        known: Sequence[Finding] = prepared.findings.get(path, ())
        gone = Counter(secret for _, secret in {(f.span, f.secret) for f in known if f.span in spans[path]})
        for objection in proof.objections(path, known, new, gone, (), scan):
            raise ApplyError(f"{path}: the rewrite would not hold: {objection}; nothing was stored or written")
        if not proof.outside(old or b"", new, edits):
            raise ApplyError(f"{path}: the rewrite would touch more than it should; nothing was stored or written")
        found[path] = New(old, new, edits)
    return found


def _entries(
    news: Mapping[str, New], changes: Sequence[Change], secrets: Mapping[Reference, Secret], salt: bytes
) -> tuple[Written, ...]:
    """The journal's account of every file; what an edit takes away is sealed when a value is in it."""
    spots: dict[str, list[Spot]] = defaultdict(list)
    moved: dict[str, dict[Reference, Secret]] = defaultdict(dict)  # by each path that a change touches
    for change in changes:
        for path in {edit.path for edit in change.edits}:
            moved[path].update((spot.reference, secrets[spot.reference]) for spot in change.spots)
        for spot in change.spots:
            spots[spot.path].append(spot)
    return tuple(
        Written(
            path,
            new.old is not None,
            journals.digest(new.old, salt) if new.old is not None else "",
            journals.digest(new.new, salt),
            tuple(_replaced(new.old or b"", edit, spots[path], moved[path]) for edit in sorted(new.edits)),
        )
        for path, new in sorted(news.items())
    )


def _in_git(news: Mapping[str, New], salt: bytes, tree: WorkTree) -> tuple[Written, ...]:
    """The same where only others can open what is sealed: git must have each file as it is now."""
    found = []
    for path, new in sorted(news.items()):
        blob = tree.kept(new.old) if new.old is not None else ""
        if new.old is not None and not blob:
            raise ApplyError(
                f"{path}: git does not have it as it is now, and nobody here can open what is sealed, so nothing could "
                "take this back: `git add` it first; nothing was written"
            )
        edits = tuple(Replaced(edit.span.start, edit.span.end, edit.text, b"") for edit in sorted(new.edits))
        was = journals.digest(new.old, salt) if new.old is not None else ""
        found.append(Written(path, new.old is not None, was, journals.digest(new.new, salt), edits, blob))
    return tuple(found)


def _replaced(old: bytes, edit: Edit, spots: Sequence[Spot], moved: Mapping[Reference, Secret]) -> Replaced:
    was = old[slice(*edit.span)]
    touched = (s.reference for s in spots if s.literal.start < edit.span.end and edit.span.start < s.literal.end)
    held = next(touched, None) or (next(iter(moved), None) if was else None)  # others' values may stand there, too
    own = os.urandom(16) if held else b""
    kept = moved[held].seal(own, was) if held else was
    return Replaced(edit.span.start, edit.span.end, edit.text, kept, own, held)


def _present(entry: Written, keep: Journal, tree: WorkTree) -> tuple[bytes | None, bool]:
    """What is there now, and whether it is what was there before; else it is what was written."""
    now = writing.present(tree.root / entry.path)
    if (now is None) != entry.existed and (now is None or keep.digest(now) == entry.before):
        return now, True
    if now is None or keep.digest(now) != entry.after:
        raise ApplyError(f"{entry.path}: the file changed since it was rewritten")
    return now, False


def _from_git(entry: Written, keep: Journal, tree: WorkTree) -> Restored:
    """What a file is, and what it was, as git has it."""
    now, undone = _present(entry, keep, tree)
    if undone or not entry.existed:
        return now, now if undone else None
    old = tree.blob(entry.blob)
    if keep.digest(old) != entry.before:
        raise ApplyError(f"{entry.path}: git does not have the old content any more ({entry.blob})")
    return now, old


def _restored(entry: Written, keep: Journal, tree: WorkTree, value: Callable[[Reference], Secret | None]) -> Restored:
    """What a file is, and what it was: of that, the new one, the journal and the store tell."""
    now, undone = _present(entry, keep, tree)
    if undone or now is None or not entry.existed:
        return now, now if undone else None
    parts: list[bytes] = []
    at = shift = 0
    for replaced in sorted(entry.edits, key=lambda r: (r.start, r.end)):
        start = replaced.start + shift
        parts += (now[at:start], _was(replaced, value))
        at = start + len(replaced.text)
        shift += len(replaced.text) - (replaced.end - replaced.start)
    old = b"".join((*parts, now[at:]))
    if keep.digest(old) != entry.before:
        raise ApplyError(f"{entry.path}: the store holds another value by now")
    return now, old


def _was(replaced: Replaced, value: Callable[[Reference], Secret | None]) -> bytes:
    if replaced.reference is None:
        return replaced.was
    secret = value(replaced.reference)
    if secret is None:
        raise StoreError(f"{replaced.reference}: the value is not in the store, so the file cannot be restored")
    return secret.seal(replaced.salt, replaced.was)


def _stored(store: stores.Store, reference: Reference, secret: Secret, origins: Sequence[str]) -> None:
    """Create only, and read back."""
    about = {"managed-by": "secretsweep", "rotation-due": "true", "found-in": _safe.shown(", ".join(origins))[:400]}
    try:
        if store.get(reference) != secret:
            store.create(reference, secret, about)
    except stores.Taken:
        raise StoreError(f"{reference}: holds another value by now, and is never overwritten; plan again") from None
    if store.get(reference) != secret:
        raise StoreError(f"{reference}: reads back differently from what was stored; no file was changed")
