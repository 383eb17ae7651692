"""What is being written, so that a crash loses nothing: read again, it finishes an apply or takes it back.

It holds new texts and where they go. What stood there before is sealed under the value that was taken away, which the
store has: so the journal holds no value that was moved, and undoing needs the store. A value that stays in a file may
be a part of a new text, where its manifest is made anew as a whole.

A store that seals has no values: there the journal has a key of its own, sealed like them. Where only others can open
that, it names git's object with the old file instead, and nothing of what stood there.
"""

import fcntl
import hashlib
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from secretsweep.errors import ApplyError
from secretsweep.git.repository import Repository
from secretsweep.model import Edit, Reference, Span
from secretsweep.stores import Options

_COST = 2**10  # scrypt's n for content: a file around a weak password must not be a fast way to guess it
_SCHEMA = "secretsweep.journal/1"
PUTTING, WRITING, DONE = "putting", "writing", "done"


@dataclass(frozen=True, slots=True)
class Replaced:
    """One edit and what stood there: sealed under the value at `reference`; without one, nothing stood there, or git
    has it."""

    start: int
    end: int
    text: bytes
    was: bytes
    salt: bytes = b""
    reference: Reference | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """One file: what it was and will be, by slow digests, and the edits between."""

    path: str
    existed: bool
    before: str
    after: str
    edits: tuple[Replaced, ...]
    blob: str = ""  # the object of git that is the old file


@dataclass(slots=True)
class Journal:
    """The state of the last apply in one tree."""

    file: Path
    root: str
    store: str
    state: str
    salt: bytes
    options: dict[str, str] = field(default_factory=dict)
    written: tuple[Written, ...] = ()
    key: str = ""  # what sealed the old texts, sealed by the store

    def keep(self) -> None:
        """Write it, whole and for its owner alone, before the next step is taken."""
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = self.file.with_suffix(f".{os.getpid()}")
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as out:
                json.dump(_plain(self), out)
                out.flush()
                os.fsync(out.fileno())
            os.replace(temporary, self.file)
        except OSError as error:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            said = f"{self.file}: the journal cannot be written ({error.strerror}); nothing more is done"
            raise ApplyError(said) from None

    def digest(self, data: bytes) -> str:
        """A slow digest of a content under this journal's salt."""
        return digest(data, self.salt)


@contextmanager
def held(file: Path) -> Iterator[None]:
    """One run at a time: two would write over each other's journal. ApplyError when another one is under way."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(file.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ApplyError(f"{file}: the journal cannot be written ({error.strerror}); nothing is done") from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ApplyError("another apply or undo is under way here: run this again when it is done") from None
        except OSError:  # a file system without locks
            pass
        yield
    finally:
        os.close(descriptor)


def digest(data: bytes, salt: bytes) -> str:
    """32 hex digits."""
    fast = hashlib.sha256(data).digest()
    return hashlib.scrypt(fast, salt=salt, n=_COST, r=8, p=1, dklen=16).hex()


def place(root: Path, repository: Repository | None) -> Path:
    """Where the journal of a tree is: in the git directory, else among the user's own state."""
    if repository is not None:
        return repository.common_dir / "secretsweep" / "journal.json"
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    name = hashlib.sha256(str(root.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return Path(state) / "secretsweep" / f"journal-{name}.json"


def read(file: Path) -> Journal | None:
    """The journal; None when there is none. ApplyError when it cannot be understood."""
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ApplyError(f"{file}: the journal cannot be read: {error.strerror}") from None
    try:
        raw = json.loads(data)
        found = Journal(
            file,
            _text(raw["root"]),
            _text(raw["store"]),
            raw["state"],
            b64decode(raw["salt"]),
            dict(raw["options"]),
            tuple(_written(w) for w in raw["written"]),
            _text(raw.get("key", "")),
        )
        Options(**found.options)
        if raw["schema"] != _SCHEMA or found.state not in (PUTTING, WRITING, DONE):
            raise ValueError
        return found
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ApplyError(f"{file}: not a journal of this version; move it away to go on") from None


def edits(written: Written) -> list[Edit]:
    """The edits that make the new content of the old one."""
    return [Edit(Span(r.start, r.end), r.text) for r in written.edits]


def _plain(journal: Journal) -> dict[str, Any]:
    return {
        "schema": _SCHEMA,
        "root": journal.root,
        "store": journal.store,
        "state": journal.state,
        "salt": b64encode(journal.salt).decode(),
        "options": journal.options,
        "key": journal.key,
        "written": [
            {
                "path": os.fsencode(w.path).decode("utf-8", "surrogateescape"),
                "existed": w.existed,
                "before": w.before,
                "after": w.after,
                "blob": w.blob,
                "edits": [
                    asdict(r)
                    | {name: b64encode(getattr(r, name)).decode() for name in ("text", "was", "salt")}
                    | {"reference": r.reference._asdict() if r.reference else None}
                    for r in w.edits
                ],
            }
            for w in journal.written
        ],
    }


def _written(raw: dict[str, Any]) -> Written:
    path = _text(raw["path"])
    if path.startswith("/") or ".." in path.split("/"):  # a journal that came with a repository
        raise ValueError
    blob = _text(raw.get("blob", ""))
    if blob and not blob.isalnum():
        raise ValueError
    return Written(
        path,
        raw["existed"],
        raw["before"],
        raw["after"],
        tuple(
            Replaced(
                int(r["start"]),
                int(r["end"]),
                b64decode(r["text"]),
                b64decode(r["was"]),
                b64decode(r["salt"]),
                _reference(r["reference"]) if r["reference"] else None,
            )
            for r in raw["edits"]
        ),
        blob,
    )


def _reference(raw: dict[str, Any]) -> Reference:
    found = Reference(**raw)
    for part in found._replace(version=""):  # type: ignore[arg-type]
        _text(part)
    return found._replace(version=int(found.version))


def _text(raw: object) -> str:
    if not isinstance(raw, str):
        raise TypeError
    return raw
