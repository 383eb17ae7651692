"""What is known of leaked credentials on this machine: one SQLite file for its owner alone.

No value is in it, nor a fast hash of one: entries go by their fingerprints. Its schema has a number; a newer one is
refused, an older one brought up to date.
"""

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from secretsweep.checklist import kept
from secretsweep.errors import UsageError
from secretsweep.git.repository import Repository
from secretsweep.model import Done, Entry, Event, Judgement, Posted, Reference

_SCHEMAS = (
    """
    CREATE TABLE entry (id TEXT PRIMARY KEY, state TEXT NOT NULL, severity TEXT NOT NULL, deadline TEXT NOT NULL,
                        facts TEXT NOT NULL) STRICT;
    CREATE TABLE step (entry TEXT NOT NULL REFERENCES entry, step TEXT NOT NULL, at TEXT NOT NULL, who TEXT NOT NULL,
                       evidence TEXT NOT NULL, skipped INTEGER NOT NULL, PRIMARY KEY (entry, step)) STRICT;
    CREATE TABLE event (entry TEXT NOT NULL REFERENCES entry, at TEXT NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL,
                        said TEXT NOT NULL, UNIQUE (entry, at, who, what, said)) STRICT;
    CREATE TABLE posted (entry TEXT NOT NULL REFERENCES entry, tracker TEXT NOT NULL, place TEXT NOT NULL,
                         number TEXT NOT NULL, url TEXT NOT NULL, PRIMARY KEY (entry, tracker, place)) STRICT;
    CREATE TABLE judgement (credential TEXT PRIMARY KEY, state TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL,
                            status TEXT NOT NULL, why TEXT NOT NULL) STRICT;
    CREATE TABLE moved (credential TEXT PRIMARY KEY, at TEXT NOT NULL, reference TEXT NOT NULL) STRICT;
    CREATE TABLE rotation (entry TEXT PRIMARY KEY REFERENCES entry, driver TEXT NOT NULL, state TEXT NOT NULL) STRICT;
    """,
)


def place(repository: Repository | None) -> Path:
    """Where the ledger of a repository is. UsageError outside of one."""
    if repository is None:
        raise UsageError("the checklist belongs to a git repository; outside of one, name its file: --ledger FILE")
    return repository.common_dir / "secretsweep" / "ledger.sqlite"


class Ledger:
    """An opened ledger. Each method is one transaction, and several processes may work at once."""

    def __init__(self, file: Path) -> None:
        self.file = file
        try:
            if not file.exists():
                file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                os.close(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600))
            self._db = sqlite3.connect(file, timeout=30, isolation_level=None)
            self._db.execute("PRAGMA foreign_keys = ON")
            self._db.execute("PRAGMA secure_delete = ON")
            self._migrate()
        except OSError as error:
            raise UsageError(f"{file}: {error.strerror}; --ledger FILE names another place") from None
        except sqlite3.Error as error:
            raise UsageError(f"{file}: not a ledger that can be used: {error}") from None

    def _migrate(self) -> None:
        with self._transaction():
            number = int(self._db.execute("PRAGMA user_version").fetchone()[0])
            if number > len(_SCHEMAS):
                raise UsageError(f"{self.file}: made by a newer secretsweep (schema {number}); upgrade")
            for schema in _SCHEMAS[number:]:
                for statement in filter(str.strip, schema.split(";")):
                    self._db.execute(statement)
            self._db.execute(f"PRAGMA user_version = {len(_SCHEMAS)}")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def close(self) -> None:
        self._db.close()

    def entries(self) -> Mapping[str, Entry]:
        """All of them by id, worst and most urgent first. UsageError when the file is damaged."""
        order = "CASE severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END, deadline, id"
        try:
            rows = self._db.execute(f"SELECT id, facts FROM entry ORDER BY {order}").fetchall()  # noqa: S608
            return {name: self._whole(name, kept.read(json.loads(facts))) for name, facts in rows}
        except (sqlite3.Error, ValueError, TypeError, KeyError) as error:
            raise UsageError(f"{self.file}: the ledger is damaged: {type(error).__name__}: {error}") from None

    def _whole(self, name: str, entry: Entry) -> Entry:
        done = {
            step: Done(at, who, evidence, bool(skipped))
            for step, at, who, evidence, skipped in self._db.execute(
                "SELECT step, at, who, evidence, skipped FROM step WHERE entry = ?", (name,)
            )
        }
        events = self._db.execute("SELECT at, who, what, said FROM event WHERE entry = ? ORDER BY at, rowid", (name,))
        posted = self._db.execute(
            "SELECT tracker, place, number, url FROM posted WHERE entry = ? ORDER BY tracker, place", (name,)
        )
        return replace(
            entry,
            tasks=tuple(replace(task, done=done.get(task.id)) for task in entry.tasks),
            events=tuple(Event(*row) for row in events),
            posted=tuple(Posted(*row) for row in posted),
            judgement=self._judgement(name) or entry.judgement,
        )

    def keep(self, entries: Iterable[Entry]) -> None:
        """Write entries as they are now; events are only added."""
        with self._transaction():
            for entry in entries:
                facts = json.dumps(kept.facts(entry), sort_keys=True)
                self._db.execute(
                    "INSERT INTO entry VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state,"
                    " severity = excluded.severity, deadline = excluded.deadline, facts = excluded.facts",
                    (entry.id, entry.state, entry.severity, entry.deadline, facts),
                )
                self._db.execute("DELETE FROM step WHERE entry = ?", (entry.id,))
                self._db.executemany(
                    "INSERT INTO step VALUES (?, ?, ?, ?, ?, ?)",
                    [
                        (entry.id, task.id, task.done.when, task.done.who, task.done.evidence, int(task.done.skipped))
                        for task in entry.tasks
                        if task.done is not None
                    ],
                )
                self._db.executemany(
                    "INSERT OR IGNORE INTO event VALUES (?, ?, ?, ?, ?)", [(entry.id, *event) for event in entry.events]
                )
                self._db.executemany(
                    "INSERT OR REPLACE INTO posted VALUES (?, ?, ?, ?, ?)", [(entry.id, *p) for p in entry.posted]
                )
                if entry.judgement is not None:
                    self._judge(entry.id, entry.judgement)

    def judge(self, credential: str, judgement: Judgement) -> None:
        """Remember whether a credential is live, with or without an entry."""
        with self._transaction():
            self._judge(credential, judgement)

    def _judge(self, credential: str, judgement: Judgement) -> None:
        self._db.execute("INSERT OR REPLACE INTO judgement VALUES (?, ?, ?, ?, ?, ?)", (credential, *judgement))

    def _judgement(self, credential: str) -> Judgement | None:
        row = self._db.execute(
            "SELECT state, who, at, status, why FROM judgement WHERE credential = ?", (credential,)
        ).fetchone()
        return Judgement(*row) if row else None

    def judgements(self) -> Mapping[str, Judgement]:
        """What was said of credentials last, by their ids."""
        rows = self._db.execute("SELECT credential, state, who, at, status, why FROM judgement")
        return {row[0]: Judgement(*row[1:]) for row in rows}

    def move(self, moved: Mapping[str, Reference], when: str) -> None:
        """Remember where remediation has put values."""
        with self._transaction():
            self._db.executemany(
                "INSERT OR REPLACE INTO moved VALUES (?, ?, ?)",
                [(name, when, json.dumps(reference._asdict())) for name, reference in moved.items()],
            )

    def moved(self) -> Mapping[str, Reference]:
        """Where values were put, by the ids of their credentials."""
        rows = self._db.execute("SELECT credential, reference FROM moved")
        return {name: Reference(**json.loads(text)) for name, text in rows}

    def rotation(self, entry: str) -> tuple[str, dict[str, Any]] | None:
        """How far a driver has come with an entry: its name and its own state; None when none has begun."""
        row = self._db.execute("SELECT driver, state FROM rotation WHERE entry = ?", (entry,)).fetchone()
        return (row[0], json.loads(row[1])) if row else None

    def rotate(self, entry: str, driver: str, state: Mapping[str, Any] | None) -> None:
        """Remember it durably before the next step; None forgets it."""
        with self._transaction():
            if state is None:
                self._db.execute("DELETE FROM rotation WHERE entry = ?", (entry,))
            else:
                row = (entry, driver, json.dumps(dict(state)))
                self._db.execute("INSERT OR REPLACE INTO rotation VALUES (?, ?, ?)", row)
