"""Trees in memory, and the ways of values as lines of text."""

from collections.abc import Iterator, Sequence

from secretsweep.flow import Flow, Use


class Files:
    """A tree of the files given; it counts how often each is read."""

    def __init__(self, files: dict[str, str | bytes]) -> None:
        self.files = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
        self.read_of: dict[str, int] = {}

    def paths(self) -> Sequence[str]:
        return tuple(sorted(self.files))

    def read(self, path: str) -> bytes | None:
        self.read_of[path] = self.read_of.get(path, 0) + 1
        return self.files.get(path)


def way(files: dict[str, str | bytes], fmt: str, path: str, address: str, line: int = 1) -> list[str]:
    """What is below a literal: `  main.tf:3 local.x local`, indented by depth."""
    return [*said(Flow(Files(files)).of((fmt,), path, address, line).children)]


def said(uses: Sequence[Use], depth: int = 0) -> Iterator[str]:
    for use in uses:
        part = "" if use.whole else " part"
        note = f" ({use.note})" if use.note else ""
        yield f"{'  ' * depth}{use.path}:{use.line} {use.address} {use.kind}{part}{note}"
        yield from said(use.children, depth + 1)


def kinds(use: Use) -> set[str]:
    return {use.kind}.union(*(kinds(child) for child in use.children))
