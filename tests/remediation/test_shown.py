"""What a plan shows beside a change: names and shapes, and no value that may be a credential."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from repositories import Repo
from rewrites import planned

from secretsweep.app.remediation import shown
from secretsweep.app.remediation.tree import WorkTree
from secretsweep.app.remediation.veil import beside, veil
from secretsweep.decode.writings import masked
from secretsweep.model import Addition, Change, Edit, Refusal, Span, Spot, apply_edits
from secretsweep.writers import File, Tree, ansible

PASSWORD = "Tr0ub4dor-and-3"


def diff(tmp_path: Path, path: str, text: str) -> list[str]:
    """The lines of the diff that has the plan for one file, without its head."""
    repo = Repo(tmp_path / "repo")
    repo.commit({path: text})
    prepared = planned(repo.path, "vault")
    assert prepared.plan.changes, prepared.plan.refusals
    lines = shown.diff(prepared.plan.changes, prepared.before, prepared.findings, WorkTree(repo.path, None))
    return [line for line in lines if not line.startswith(("---", "+++", "@@", "+"))]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("api_password: Winter-2023-x9  # secretsweep:allow our test server", "api_password: …  # secretsweep:allow"),
        ("pass_phrase: correct horse battery staple", "pass_phrase: …"),
        ("old_thing: Winter-2023-x9", "old_thing: …"),
        ("old_thing: hunter2-x", "old_thing: …"),
        ("port: 1  # was Winter-2023-x9 before", "port: 1  # was … before"),
        ("login: --user shop --word Winter-2023-x9", "login: --user shop --word …"),
        ("db_host: db.example-shop.net", "db_host: db.example-shop.net"),
        ("user_name: shop", "user_name: shop"),
        ("port: 5432", "port: 5432"),
        ("version: 1.27.3", "version: 1.27.3"),
        ("manage_master_user_password: true", "manage_master_user_password: true"),
        ("other_password: '{{ vault_other }}'", "other_password: '{{ vault_other }}'"),
    ],
)
def test_a_line_beside_a_change_shows_what_it_is_about(tmp_path: Path, line: str, said: str) -> None:
    lines = diff(tmp_path, "group_vars/all.yml", f"a: 1\n{line}\ndb_password: {PASSWORD}\n")
    assert [text[: len(said) + 1] for text in lines] == [f" {said}", "-db_password: ********"[: len(said) + 1]]


def test_a_line_that_changes_keeps_what_something_may_be_called(tmp_path: Path) -> None:
    db = f"{{role: shop-db-2, password: {PASSWORD}, key_word: Winter-2023-x9, zone: eu-central-1}}"
    text = f"a: 1\ndb: {db}\nb: shop-db-2\n"
    assert diff(tmp_path, "group_vars/all.yml", text) == [
        " a: 1",
        "-db: {role: shop-db-2, password: ********, key_word: …, zone: eu-central-1}",
        " b: …",
    ]


def test_a_file_that_does_not_parse_is_veiled_by_its_lines() -> None:
    data = b"a: [\nb_password: Winter-2023-x9\nc: }\n  d: Winter-2023-x8\n"
    assert apply_edits(data, veil("a.yaml", data, (), ())) == "a: [\nb_password: …\nc: }\n  d: …\n".encode()


def test_lines_of_a_literal_stay_lines() -> None:
    data = b"tls_password: |\n  first line of it\n\n  second line of it\nport: 1\n"
    assert apply_edits(data, veil("a.yaml", data, (), ())) == "tls_password: |\n  …\n\n  …\nport: 1\n".encode()


def test_around_an_edit_the_rest_of_a_literal_stays_hidden() -> None:
    hidden = [Edit(Span(0, 10), b"*"), Edit(Span(20, 30), b"*")]
    edits = [Edit(Span(3, 5), b"new"), Edit(Span(7, 7), b"+"), Edit(Span(20, 20), b"a"), Edit(Span(25, 40), b"b")]
    assert [edit.span for edit in beside(hidden, edits)] == [(0, 3), (5, 7), (7, 10), (20, 25)]


def test_an_accepted_value_is_not_in_new_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a manifest is made anew as a whole, it repeats what stays in it."""
    repo = Repo(tmp_path / "repo")
    accepted = "api_password: Winter-2023-x9  # secretsweep:allow of a test server\n"
    repo.commit({"group_vars/all.yml": f"{accepted}db_password: {PASSWORD}\nzone: eu-central-1\n"})
    own = ansible.rewrite

    def repeating(spots: Sequence[Spot], file: File, tree: Tree) -> Iterator[Change | Refusal]:
        for change in own(spots, file, tree):
            assert isinstance(change, Change)
            yield replace(change, additions=(Addition("new.yml", "a: Winter-2023-x9\nb: eu-central-1\n", "a file"),))

    monkeypatch.setattr(ansible, "rewrite", repeating)
    prepared = planned(repo.path, "vault")
    text = json.dumps(shown.as_json(prepared.plan))
    assert r"a: Winter-2023-x9\nb: eu-central-1" in text
    assert r"a: ********\nb: eu-central-1" in masked(text, prepared.values)
