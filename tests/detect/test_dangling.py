"""Trees whose references lead nowhere, and trees where they only seem to: `fixtures/dangling/trees/CASE`."""

from collections.abc import Iterator

import pytest
from fixture_files import ROOT, Fixture, read

from secretsweep.detect.dangling import Tree
from secretsweep.model import Blob, Finding

TREES = ROOT / "dangling" / "trees"
CASES = sorted(folder.name for folder in TREES.iterdir())
CLEAN = {
    "defined",
    "no-secrets-at-all",
    "elsewhere",
    "made-by-a-script",
    "made-by-terraform",
    "helm-chart",
    "helm-release",
    "accepted",
}


def fixtures(case: str) -> list[Fixture]:
    return [read(file) for file in sorted((TREES / case).rglob("*")) if file.is_file()]


def findings(files: list[Fixture], trusted: bool = True, whole: bool = True) -> list[Finding]:
    tree = Tree(trusted)
    for one in files:
        tree.add(Blob("", one.path, one.data))

    def contents() -> Iterator[tuple[str, bytes]]:
        return ((one.path, one.data) for one in files)

    return tree.findings(contents if whole else None)


@pytest.mark.parametrize("case", CASES)
def test_a_tree_says_what_does_not_fit(case: str) -> None:
    files = fixtures(case)
    found = {(f.path, f.rule, f.span, f.place.line, f.key) for f in findings(files)}
    wanted = {(one.path, e.rule, e.span, e.line, e.key) for one in files for e in one.expected}
    ends = {(*w[:4], next((f[4] for f in found if f[:4] == w[:4] and f[4].endswith(w[4][1:])), "")) for w in wanted}
    assert found == {w if w[4][:1] != "…" else e for w in wanted for e in ends if e[:4] == w[:4]}
    assert bool(found) == (case not in CLEAN)


def test_a_marker_of_a_foreign_repository_accepts_nothing() -> None:
    assert [f.note for f in findings(fixtures("accepted"), trusted=False)] == ["shop/order-db"]


def test_a_few_files_are_no_tree_and_only_tell_of_themselves() -> None:
    assert findings(fixtures("every-place"), whole=False) == []
    assert findings(fixtures("sops"), whole=False) == findings(fixtures("sops"))


def test_no_value_is_in_a_finding_and_it_is_the_same_wherever_the_file_is() -> None:
    files = fixtures("sops")
    values = {e.value for one in files for e in one.expected}
    moved = [one._replace(path=f"moved/{one.path}") for one in files]
    first, second = findings(files), findings(moved)
    assert [f.secret for f in first] == [f.secret for f in second]
    assert not any(value in f.secret.reveal() or value.decode() in f.note for f in first for value in values)


@pytest.mark.parametrize(
    "data",
    [
        b"sops:\n  mac: ENC[\n",
        b"sops:\n" * 1000,
        b"secretKeyRef: [[[[",
        b"kind: Secret\nmetadata: []\n",
        b"kind: [Secret]\nmetadata: {name: {a: b}}\nsecretName: {x: y}\n",
        b"{\"kind\": \"Secret\"",
        b"a: b\nsops: {mac: ENC[x], encrypted_regex: '('}\n",
        b"\xff\xfekind: Secret",
        b"kind: Secret\n" + b"a: {" * 600,
    ],
)
def test_garbage_says_nothing(data: bytes) -> None:
    for name in ("a.yaml", "a.json", "a.env", "a.ini"):
        tree = Tree()
        tree.add(Blob("", name, data))
        assert tree.findings(lambda name=name: [(name, data)]) == []  # type: ignore[misc]
