"""Which findings of a staged file are new: those that touch an added line, or that no parent's content has."""

from functools import cached_property
from pathlib import Path

from secretsweep.detect.engine import Engine
from secretsweep.detect.members import Lost
from secretsweep.git import added, catfile, lfs, staged
from secretsweep.git.command import Git
from secretsweep.git.staged import Change
from secretsweep.model import Blob, Finding, Secret, Skip, Skipped


class Reader:
    """Reads staged contents with one engine."""

    def __init__(self, git: Git, common_dir: Path, engine: Engine, moved: bool) -> None:
        self._git, self._common_dir, self._engine = git, common_dir, engine
        self._moved = moved  # files are deleted in the same commit, so an added one may be a renamed one

    def findings(self, blob: Blob, skipped: list[Skip]) -> list[Finding]:
        """The findings of a content, and of what it stands for in Git LFS."""
        lost: list[Lost] = []
        found = self._engine.scan(blob, lost)
        if pointed := lfs.pointed(blob.data):
            large = f"LFS object {pointed[:12]}"
            file = lfs.local(self._common_dir, pointed)
            if file is None:
                skipped.append(Skip(Skipped.LFS, blob.path, blob.oid, f"{large} is not on this machine"))
            elif file.stat().st_size > catfile.LARGEST:
                skipped.append(Skip(Skipped.TOO_LARGE, blob.path, blob.oid, large))
            else:
                found += self._engine.scan(blob._replace(data=file.read_bytes()), lost)
        skipped += (Skip(reason, where, blob.oid, detail) for where, reason, detail in lost)
        return found

    def new(self, change: Change, blob: Blob, found: list[Finding]) -> list[Finding]:
        """Those of `found` that the commit brings.

        Their lines decide. Where lines mean nothing (archives, UTF-16, LFS), and where the line of a finding stays but
        a change around it made it one (a ConfigMap becomes a Secret), it is whether a parent's content has it.
        """
        if change.olds and not any(change.olds):
            change = change._replace(olds=(self._origins.get(change.path, ""), *change.olds[1:]))
        lines = added.lines(self._git, change)
        if lines is None:
            return found
        by_line = b"\0" not in blob.data[:8000] and not blob.data.startswith(lfs.HEAD)
        touched = [
            by_line and f.path == blob.path and not lines.isdisjoint(range(f.place.line, f.place.end_line + 1))
            for f in found
        ]
        known = set() if all(touched) else self._known(change)
        return [f for f, is_touched in zip(found, touched, strict=True) if is_touched or f.secret not in known]

    @cached_property
    def _origins(self) -> dict[str, str]:
        return staged.origins(self._git) if self._moved else {}

    def _known(self, change: Change) -> set[Secret]:
        olds = [change._replace(oid=old) for old in change.olds if old]
        contents = staged.contents(self._git, olds, catfile.LARGEST)
        blobs = (Blob(old.oid, old.path, item.data) for old, item in contents if not item.lost)
        return {f.secret for blob in blobs for f in self.findings(blob, [])}
