"""What one spot asks for; those that touch the same block are one change."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from secretsweep.model import REVIEW, Addition, Change, Edit, FileEdit, Span, Spot
from secretsweep.writers._hclfmt import aligned
from secretsweep.writers._terraform_module import Project, parsed
from secretsweep.writers._terraform_versions import Version, raised


@dataclass(slots=True, eq=False)
class Draft:
    spots: list[Spot]
    edits: dict[str, list[Edit]] = field(default_factory=lambda: defaultdict(list))
    blocks: set[tuple[str, int]] = field(default_factory=set)  # path, and where the block begins
    additions: list[Addition] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    versions: dict[tuple[str, Span], tuple[str, Version]] = field(
        default_factory=dict
    )  # what is needed

    def ask(self, path: str, constraint: Span, said: str, needed: Version) -> None:
        """A provider's constraint is to allow nothing older. It is of no block of the draft's own: others ask, too."""
        _, known = self.versions.get((path, constraint), (said, needed))
        self.versions[path, constraint] = said, max(known, needed)

    def edit(self, path: str, block: int, edits: Iterable[Edit]) -> None:
        own = self.edits[path]
        own += (edit for edit in edits if edit not in own)
        self.blocks.add((path, block))

    def take(self, other: "Draft") -> None:
        self.spots += other.spots
        for path, edits in other.edits.items():
            self.edits[path] += (edit for edit in edits if edit not in self.edits[path])
        self.blocks |= other.blocks
        for mine, theirs in ((self.needs, other.needs), (self.warnings, other.warnings)):
            mine += (one for one in theirs if one not in mine)
        self.additions += (one for one in other.additions if one not in self.additions)
        for (path, constraint), (said, needed) in other.versions.items():
            self.ask(path, constraint, said, needed)

    def raise_versions(self) -> None:
        """What was asked for becomes edits."""
        for (path, constraint), (said, needed) in self.versions.items():
            new = raised(said, needed)
            self.edits[path].append(Edit(constraint, new.encode()))
            self.warnings.append(
                f'{path} wants a provider "{new}" from now on, for "{said}": older ones cannot do this'
            )


def joined(drafts: Iterable[Draft]) -> list[Draft]:
    """Drafts that share no block."""
    kept: list[Draft] = []
    for draft in drafts:
        for other in [one for one in kept if one.blocks & draft.blocks]:
            other.take(draft)
            draft = other
            kept.remove(other)
        kept.append(draft)
    return kept


def changes(drafts: Iterable[Draft], project: Project) -> Iterator[Change]:
    for draft in joined(drafts):
        draft.raise_versions()
        edits = [
            FileEdit(path, edit)
            for path, own in sorted(draft.edits.items())
            for edit in _aligned(project.read(path) or b"", own)
        ]
        yield Change(
            tuple(draft.spots),
            tuple(edits),
            tuple(draft.additions),
            REVIEW,
            tuple(draft.needs),
            tuple(draft.warnings),
        )


def _aligned(data: bytes, edits: Sequence[Edit]) -> Iterator[Edit]:
    """Block by block: what is aligned with each other stands in one."""
    root = parsed(data)
    left = list(edits)
    for block in root.blocks if root is not None else ():
        own = [edit for edit in left if block.start <= edit.span.start and edit.span.end <= block.end]
        if own:
            left = [edit for edit in left if edit not in own]
            inside = [Edit(edit.span.shifted(-block.start), edit.text) for edit in own]
            for edit in aligned(data[block.start : block.end], inside):
                yield Edit(edit.span.shifted(block.start), edit.text)
    if left:
        yield from aligned(data, left)
