"""A plan is made for what can be done, and says of everything else why not; one bad writer costs no other file."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from repositories import Repo
from rewrites import planned

from secretsweep.app.remediation import shown
from secretsweep.app.remediation.materialize import edits_of
from secretsweep.app.remediation.proposing import message
from secretsweep.app.remediation.tree import WorkTree
from secretsweep.formats import Unparsed
from secretsweep.model import Addition, Change, Refusal, Spot
from secretsweep.rules.placeholders import fill
from secretsweep.writers import File, Tree, ansible


@pytest.fixture
def root(tmp_path: Path) -> Path:
    repo = Repo(tmp_path / "repo")
    repo.commit(
        {
            "a/group_vars/all.yml": "db_password: Tr0ub4dor-and-3\n",
            "b/group_vars/all.yml": "db_password: Summer-2024-prod\n",
        }
    )
    return repo.path


@pytest.mark.parametrize(
    ("raised", "said"), [(Unparsed("x"), "does not parse"), (KeyError("Tr0ub4dor-and-3"), "a bug: KeyError in ")]
)
def test_a_writer_that_fails_costs_its_own_file_only(
    root: Path, monkeypatch: pytest.MonkeyPatch, raised: Exception, said: str
) -> None:
    own = ansible.rewrite

    def failing(spots: Sequence[Spot], file: File, tree: Tree) -> Iterator[Change | Refusal]:
        if file.path.startswith("a/"):
            raise raised
        return own(spots, file, tree)

    monkeypatch.setattr(ansible, "rewrite", failing)
    plan = planned(root, "vault").plan
    assert plan.paths == ("b/group_vars/all.yml",)
    [refusal] = plan.refusals
    assert refusal.spot.path == "a/group_vars/all.yml"
    assert said in refusal.reason
    assert "Tr0ub4dor" not in refusal.reason


def test_a_spot_that_a_writer_forgets_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ansible, "rewrite", lambda spots, file, tree: iter(()))
    plan = planned(root, "vault").plan
    assert plan.changes == ()
    assert [refusal.reason for refusal in plan.refusals] == ["a bug: the writer forgot it"] * 2


def test_a_comment_is_left_to_its_people(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({"a.yaml": "auth:\n  # admin:$apr1$OFG3Xybp$ckL0FHDAkoXYIlH9.cysT0\n  enabled: true\n"})
    plan = planned(repo.path, "vault").plan
    assert plan.changes == ()
    [refusal] = plan.refusals
    assert (refusal.reason, refusal.instead) == ("in a comment, which nothing reads", "delete it by hand")


@pytest.mark.parametrize("how", ["file", "folder", "vendored", "outside", "taken"])
def test_what_belongs_to_a_change_is_not_written_just_anywhere(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    targets = {"file": "link.tf", "folder": "there/new.tf", "vendored": "vendor/new.tf", "outside": "../new.tf"}
    path = targets.get(how, "a")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "mine.tf").write_text("mine\n")
    (root / "link.tf").symlink_to(tmp_path / "elsewhere" / "mine.tf")
    (root / "there").symlink_to(tmp_path / "elsewhere")
    own = ansible.rewrite

    def adding(spots: Sequence[Spot], file: File, tree: Tree) -> Iterator[Change | Refusal]:
        for change in own(spots, file, tree):
            assert isinstance(change, Change)
            yield replace(change, additions=(Addition(path, "x\n", "a block"),))

    monkeypatch.setattr(ansible, "rewrite", adding)
    plan = planned(root, "vault").plan
    assert plan.changes == ()
    assert all(f"{path} would have to change with it" in refusal.reason for refusal in plan.refusals)


def test_a_part_of_a_line_is_not_that_line(tmp_path: Path) -> None:
    """`/.env` is not ignored by `/.env.local`, and `DB_PASSWORD=` is not told by `APP_DB_PASSWORD=`."""
    repo = Repo(tmp_path / "repo")
    old = {".gitignore": "/.env.local\n/.envrc", ".env.example": "APP_DB_PASSWORD=\n"}
    repo.commit({".env": "DB_PASSWORD=Tr0ub4dor-and-3\n", **old})
    edits = edits_of(planned(repo.path, "vault").plan.changes, WorkTree(repo.path, None))
    assert [edit.text for edit in edits[".gitignore"]] == [b"\n/.env\n"]
    assert [edit.text for edit in edits[".env.example"]] == [b"DB_PASSWORD=\n"]


@pytest.mark.parametrize(
    ("folder", "pattern", "quoted"),
    [
        ("q'; touch pwn; '", "/q'; touch pwn; '/.env", "'q'\"'\"'; touch pwn; '\"'\"'/.env'"),
        ("x [a]*?", "/x \\[a]\\*\\?/.env", "'x [a]*?/.env'"),
        ("a\nSigned-off-by: me", None, "'a\\nSigned-off-by: me/.env'"),
        ("\x1b[31mred", "/\x1b\\[31mred/.env", "'\\x1b[31mred/.env'"),
    ],
)
def test_hostile_names_stay_names(tmp_path: Path, folder: str, pattern: str | None, quoted: str) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({f"{folder}/.env": "DB_PASSWORD=Tr0ub4dor-and-3\n"})
    prepared = planned(repo.path, "vault")
    plan = prepared.plan
    added = [a.text for change in plan.changes for a in change.additions if a.path == ".gitignore"]
    assert added == ([f"{pattern}\n"] if pattern else [])
    tree = WorkTree(repo.path, None)
    diff = shown.diff(plan.changes, prepared.before, prepared.findings, tree)
    for text in (*shown.as_text(plan, diff, False), *message(plan).splitlines()):
        assert text.replace("\t", "").isprintable()
        assert not text.startswith(("Signed-off-by", "b/.env"))
        assert "git rm" not in text or text.endswith(f"git rm --cached -- {quoted}")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_file_in_utf_16_is_left_as_it_is(tmp_path: Path, encoding: str) -> None:
    """A reference in ASCII took the place of the whole file."""
    repo = Repo(tmp_path / "repo")
    text = "user: shop\ndb_password: Tr0ub4dor-and-3\nport: 1\n"
    repo.commit({"group_vars/all.yml": text.encode(encoding)})
    plan = planned(repo.path, "vault").plan
    assert plan.changes == ()
    [refusal] = plan.refusals
    assert refusal.reason == f"the file is written in {encoding[:6].upper()}"


def test_what_a_safe_change_leaves_weak_is_told(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({"run.sh": "#!/bin/sh\nexport DB_PASSWORD=Tr0ub4dor-and-3\n"})
    text = list(shown.as_text(planned(repo.path, "vault").plan, iter(()), False))
    said = text.index("Known weaknesses of what is applied:")
    assert text[said + 1].startswith("  - without `set -e` the script goes on")


def test_a_password_for_ssh_is_not_read_by_the_other_host(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit(
        {
            "a.sh": "#!/bin/sh\nset -e\nsshpass -p Tr0ub4dor-and-3 ssh root@db uptime\n",
            "b.sh": "#!/bin/sh\nset -e\nsshpass -e ssh root@db mysql -pSummer-2024-prod\n",
        }
    )
    plan = planned(repo.path, "vault").plan
    assert plan.paths == ("a.sh",)
    assert [(refusal.spot.path, refusal.reason[:13]) for refusal in plan.refusals] == [("b.sh", "another shell")]


def test_a_value_of_one_tfvars_is_told_from_that_of_another(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit(
        {
            "main.tf": 'variable "db_password" {}\n',
            "prod.tfvars": 'db_password = "Tr0ub4dor-and-3"\n',
            "test.tfvars": 'db_password = "Summer-2024-prod"\n',
        }
    )
    needs = [need for change in planned(repo.path, "vault").plan.changes for need in change.needs]
    assert [need.partition(" wherever ")[2] for need in needs if need.startswith("export ")] == [
        "Terraform runs with -var-file=prod.tfvars",
        "Terraform runs with -var-file=test.tfvars",
    ]


def test_an_argument_of_a_build_is_nothing_for_the_container(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({"Dockerfile": "FROM node:20\nARG NPM_PASSWORD=Tr0ub4dor-and-3\nRUN npm ci\n"})
    [refusal] = planned(repo.path, "vault").plan.refusals
    assert refusal.instead == "mount it as a secret in the RUN whose program reads it"


def test_a_file_that_is_a_password_cannot_be_replaced_by_hand(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({"db/password.txt": "Tr0ub4dor-and-3\n"})
    [refusal] = planned(repo.path, "vault").plan.refusals
    assert "where it is read" in refusal.instead


def test_a_value_that_would_stay_in_what_is_made_anew_is_refused_and_in_no_plan(tmp_path: Path) -> None:
    """An immutable Secret is made anew as a whole, with the keys that stay: here one is not asked for."""
    from base64 import b64encode

    from secretsweep.app.remediation import saved
    from secretsweep.decode.writings import standing
    from secretsweep.model import Secret
    from secretsweep.stores import Options

    asked, stays = b"Tr0ub4dor-and-3", b"Summer-2024-prod"
    data = "".join(f"  {k}: {b64encode(v).decode()}\n" for k, v in (("password", asked), ("token", stays)))
    repo = Repo(tmp_path / "repo")
    manifest = f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: shop\nimmutable: true\ndata:\n{data}"
    repo.commit({"secret.yaml": manifest})
    prepared = planned(repo.path, "vault", only=lambda credential: credential.secret == Secret(asked))
    assert prepared.plan.changes == () and len(prepared.plan.refusals) == 1
    text = saved.written(prepared, Options(), "iac/{name}", (".",))
    for secret in (Secret(asked), Secret(stays)):
        assert standing(secret, text.encode()) == ""


def test_no_value_that_was_moved_is_in_the_journal(tmp_path: Path) -> None:
    from base64 import b64encode

    from rewrites import applied

    from secretsweep.decode.writings import standing
    from secretsweep.model import Secret

    values = b"Tr0ub4dor-and-3", b"Summer-2024-prod"
    data = "".join(f"  {k}: {b64encode(v).decode()}\n" for k, v in zip(("password", "token"), values, strict=True))
    repo = Repo(tmp_path / "repo")
    manifest = f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: shop\nimmutable: true\ndata:\n{data}"
    repo.commit({"secret.yaml": manifest})
    prepared = planned(repo.path, "vault")
    assert len(prepared.plan.changes) == 1
    applied(prepared, repo.path)
    journal = (repo.path / ".git/secretsweep/journal.json").read_bytes()
    for value in values:
        assert standing(Secret(value), journal) == ""


@pytest.mark.parametrize(
    ("path", "data", "why"),
    [
        ("a.json", b'{"password": "Tr0ub4dor-and-3", "x": "%s"}' % (b"a " * 600_000), "the file has more than 1 MiB"),
        ("a.txt", b"\0\1\2\nglpat-${alnum:20}\n", "the file has NUL bytes, so it is no text"),
        ("a.yaml", b"password: Tr0ub4dor-and-3\n\tx: [\n", "the file does not parse as yaml"),
    ],
)
def test_why_a_literal_is_not_known_is_told(tmp_path: Path, path: str, data: bytes, why: str) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({path: fill(data.decode(), 1).encode()})
    plan = planned(repo.path, "vault").plan
    assert plan.changes == ()
    assert [refusal.reason.partition(",")[0] for refusal in plan.refusals] == [why.partition(",")[0]]
