"""Which folder paths count from outside of git, and that an apply is found again from any path inside it."""

import os
from pathlib import Path

import pytest

from secretsweep.app.remediation import journal
from secretsweep.app.remediation.root import recorded, tree_of

FILES = (
    "ansible.cfg",
    "group_vars/prod/db.yml",
    "roles/db/tasks/main.yml",
    "roles/db/meta/main.yml",
    "web/templates/index.html",
    "infra/main.tf",
    "infra/modules/db/main.tf",
    "infra/scripts/init.sh",
    "charts/shop/Chart.yaml",
    "charts/shop/templates/db.yaml",
    "plain/notes.txt",
    "plain/deep/a.yml",
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for path in FILES:
        (tmp_path / "shop" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "shop" / path).write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "shop"


@pytest.mark.parametrize(
    ("paths", "root"),
    [
        (["."], "."),
        (["plain"], "plain"),
        (["infra"], "infra"),
        (["infra/scripts"], "infra/scripts"),
        (["web"], "web"),
        (["group_vars"], "."),
        (["group_vars/prod/db.yml"], "."),
        (["roles/db"], "."),
        (["roles/db/tasks/main.yml", "group_vars/prod"], "."),
        (["web/templates"], "."),
        (["infra/main.tf"], "infra"),
        (["infra/scripts/init.sh"], "infra"),
        (["infra/modules/db"], "infra"),
        (["infra/modules/db/main.tf", "infra/main.tf"], "infra"),
        (["charts/shop/templates/db.yaml"], "."),
        (["charts/shop"], "."),
    ],
)
def test_a_part_of_a_project_counts_from_the_project(project: Path, paths: list[str], root: str) -> None:
    os.chdir(project)
    expected = Path(os.path.normpath(project / root))
    assert [tree_of(given)[0].root for given in (paths, [str(project / path) for path in paths])] == [expected] * 2


def test_without_a_mark_it_is_the_folder_itself(project: Path) -> None:
    os.chdir(project / "plain")
    assert tree_of(["deep/a.yml"])[0].root == project / "plain" / "deep"
    assert tree_of(["deep/a.yml", "notes.txt"])[0].root == project / "plain"


def test_the_current_folder_is_not_left_unless_the_path_is_outside_of_it(project: Path) -> None:
    os.chdir(project / "group_vars")
    assert tree_of(["prod/db.yml"])[0].root == project / "group_vars" / "prod"
    assert tree_of(["."])[0].root == project / "group_vars"
    os.chdir(project / "plain")
    assert tree_of(["../group_vars"])[0].root == project
    assert tree_of([".."])[0].root == project


def test_what_others_may_have_marked_is_no_project(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.chdir(project / "plain")
    project.chmod(0o777)
    assert tree_of(["../group_vars"])[0].root == project / "group_vars"
    project.chmod(0o755)
    monkeypatch.setenv("HOME", str(project))
    assert tree_of(["../group_vars"])[0].root == project / "group_vars"


@pytest.mark.parametrize("path", ["group_vars", "group_vars/prod/db.yml", ".", "plain/deep", "infra/main.tf"])
def test_an_apply_is_found_from_any_path_inside(project: Path, path: str) -> None:
    os.chdir(project)
    own = journal.place(project, None)
    own.parent.mkdir(parents=True)
    own.write_text("{}")
    for given, folder in ((path, project), (str(project / path), project / "plain")):
        os.chdir(folder)
        tree, found = recorded([given])
        assert (tree.root, found) == (project, own)


def test_an_apply_elsewhere_is_not_found(project: Path) -> None:
    own = journal.place(project / "plain", None)
    own.parent.mkdir(parents=True)
    own.write_text("{}")
    os.chdir(project)
    assert not recorded(["infra"])[1].exists()
    assert recorded(["plain/deep"])[0].root == project / "plain"
