"""Rewrite fixtures: `fixtures/rewrite/FORMAT_STORE/CASE/before` is a tree, `after` the same one remediated.

`before` holds placeholders (`${secret:14}`) or human passwords. Beside the two may stand

    refused    a line for each place that is left alone: `path:line what the reason contains`
    options    KEY=VALUE lines: of the store (`mount=kv`) and `template=…`; the default is the store's own
    review     empty: the changes are for review. Without it all must be safe

Every case is planned, applied as one transaction to a store in memory, and compared byte by byte; then every moved
value is looked for in all files, in every encoding, and the tree is scanned again. Of a store that seals, whose
ciphertexts are others each time, `<ciphertext of …>` stays in their place.
"""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

from repositories import Repo

from secretsweep import stores
from secretsweep.app import scan as scanning
from secretsweep.app.remediation import applying, planning
from secretsweep.app.remediation.planning import Goal, Prepared
from secretsweep.app.remediation.tree import WorkTree
from secretsweep.decode.writings import standing
from secretsweep.detect.engine import Engine
from secretsweep.detect.gate import cache_folder
from secretsweep.git.repository import find
from secretsweep.model import Blob, Credential, Finding, Reference, Secret
from secretsweep.rules.load import load
from secretsweep.rules.placeholders import fill
from secretsweep.stores.memory import Memory

ROOT = Path(__file__).parent.parent / "fixtures" / "rewrite"
TEMPLATE = "iac/{name}"
_ENGINES: dict[bool, Engine] = {}


@dataclass(frozen=True)
class Case:
    folder: Path

    @property
    def name(self) -> str:
        return self.folder.relative_to(ROOT).as_posix()

    @property
    def store(self) -> str:
        return self.folder.parent.name.partition("_")[2]

    @property
    def refused(self) -> list[str]:
        file = self.folder / "refused"
        return [line for line in file.read_text().splitlines() if line.strip()] if file.exists() else []

    @property
    def options(self) -> dict[str, str]:
        file = self.folder / "options"
        lines = file.read_text().splitlines() if file.exists() else []
        return dict(line.split("=", 1) for line in lines if line)

    @property
    def review(self) -> bool:
        return (self.folder / "review").exists()


def cases(*formats: str) -> list[Case]:
    """Every case, or those of the formats given."""
    found = sorted(p.parent for p in ROOT.glob("*/*/before"))
    return [Case(f) for f in found if not formats or f.parent.name.partition("_")[0] in formats]


def laid_out(case: Case, folder: Path) -> Path:
    """`before` as a repository with one commit, placeholders filled."""
    repo = Repo(folder)
    for source in sorted((case.folder / "before").rglob("*")):
        if source.is_file():
            target = folder / source.relative_to(case.folder / "before")
            target.parent.mkdir(parents=True, exist_ok=True)
            text = source.read_bytes().decode("utf-8", "surrogateescape")
            filled = "".join(fill(line, seed) for seed, line in enumerate(text.splitlines(keepends=True)))
            target.write_bytes(filled.encode("utf-8", "surrogateescape"))
            shutil.copymode(source, target)
    repo.commit({}, "everything")
    return folder


def engine() -> Engine:
    if True not in _ENGINES:
        _ENGINES[True] = Engine(load(), cache_folder())
    return _ENGINES[True]


def found_in(root: Path) -> list[tuple[Blob, Sequence[Finding]]]:
    """Findings of every file, by paths below the root."""
    told: list[tuple[Blob, Sequence[Finding]]] = []
    for path in sorted(p for p in root.rglob("*") if p.is_file() and ".git" not in p.relative_to(root).parts):
        blob = Blob("", path.relative_to(root).as_posix(), path.read_bytes())
        if findings := engine().scan(blob, []):
            told.append((blob, findings))
    return told


def planned(
    root: Path,
    store: str,
    options: stores.Options | None = None,
    template: str = TEMPLATE,
    connection: stores.Store | stores.Sealer | None = None,
    only: Callable[[Credential], bool] = lambda credential: True,
) -> Prepared:
    """The plan for all of a tree."""
    report = scanning.scan(scanning.Request(load(), "", paths=(str(root),), cache=cache_folder()), lambda *_: None)
    credentials = {c.secret: c for c in report.credentials if len(c.secret) and only(c)}
    goal = Goal(stores.named(store), options or stores.Options(), template, "repo")
    return planning.plan(
        found_in(root),
        credentials,
        WorkTree(root, find(str(root))),
        goal,
        connection,
        lambda blob: engine().scan(blob, []),
    )


class Marks:
    """A store that seals, which leaves the marks of a plan as its ciphertexts."""

    def __init__(self) -> None:
        self._sealed: dict[str, Secret] = {}

    def sealed(self, secret: Secret, label: str) -> str:
        text = f"<{len(self._sealed)}>"
        self._sealed[text] = secret
        return text

    def opened(self, text: str) -> Secret | None:
        return self._sealed[text]

    def resolved(self, reference: Reference) -> Reference:
        return reference

    def close(self) -> None:
        """Nothing is open."""


def applied(
    prepared: Prepared, root: Path, store: stores.Store | stores.Sealer | None = None
) -> stores.Store | stores.Sealer:
    """All of a plan, performed on a store in memory unless another one is given; then marks stay for ciphertexts."""
    plan = prepared.plan
    if plan.sealed and store is None:
        plan, store = replace(plan, changes=tuple(replace(change, seals=()) for change in plan.changes)), Marks()
    store = store or Memory()
    tree = WorkTree(root, find(str(root)))
    applying.apply(
        prepared,
        plan,
        tree,
        store,
        stores.Options(),
        root / ".git" / "secretsweep" / "journal.json",
        lambda blob: engine().scan(blob, []),
    )
    return store


def remaining(root: Path, secrets: dict[Reference, Secret]) -> list[str]:
    """Where a moved value still stands, in any encoding; nothing but the working tree is looked at."""
    told = []
    for path in sorted(p for p in root.rglob("*") if p.is_file() and ".git" not in p.relative_to(root).parts):
        for reference, secret in secrets.items():
            if how := standing(secret, path.read_bytes()):
                told.append(f"{path.relative_to(root)}: {reference} {how}")
    return told


def options_of(case: Case) -> tuple[stores.Options, str]:
    given = case.options
    template = given.pop("template", TEMPLATE)
    assert set(given) <= {f.name for f in fields(stores.Options)}
    return stores.Options(**given), template


def tree_of(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and ".git" not in p.relative_to(folder).parts
    }
