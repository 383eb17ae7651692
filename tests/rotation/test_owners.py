"""CODEOWNERS as the hosts read it."""

import pytest
from repositories import Repo, target

from secretsweep.app.rotation import owners
from secretsweep.app.rotation.owners import Owners

GITHUB = """
# comment
*            @all
*.tf         @infra  # at the end
/docs/       @writers
apps/        @apps
docs/*       docs@example.org
/build/logs/ @logs
**/secrets   @vault
my\\ file.txt @space
/apps/github
"""


@pytest.mark.parametrize(
    ("path", "who"),
    [
        ("README", ("@all",)),
        ("x/main.tf", ("@infra",)),
        ("docs/a.md", ("docs@example.org",)),
        ("docs/deep/a.md", ("@writers",)),
        ("build/logs/x", ("@logs",)),
        ("x/build/logs/x", ("@all",)),
        ("x/apps/y", ("@apps",)),
        ("a/b/secrets/c", ("@vault",)),
        ("my file.txt", ("@space",)),
        ("apps/github", ()),
    ],
)
def test_the_last_match_owns(path: str, who: tuple[str, ...]) -> None:
    assert Owners(GITHUB).of(path) == who


def test_each_section_has_its_own_owners() -> None:
    text = "* @all\n[Security] @sec\n*.tf\n^[Docs][2]\ndocs/ @writers\n"
    assert Owners(text).of("main.tf") == ("@all", "@sec")
    assert Owners(text).of("docs/a.tf") == ("@all", "@sec", "@writers")


def test_a_hostile_file_takes_no_time_and_breaks_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    patterns = (
        "**/" * 60 + "x",
        "*a" * 60 + "b",
        "[" * 50,
        "a[b-a]c",
        "\\",
        "(?P<x>",
        "\ud800".encode("utf-8", "replace").decode(),
    )
    owners = Owners("".join(f"{pattern} @evil\n" for pattern in patterns) + "*.tf @infra\n")
    assert owners.of("a" * 4000 + "/" + "b/" * 1000 + "main.tf") == ("@infra",)
    assert capfd.readouterr() == ("", "")


def test_owners_are_read_from_head(repo: Repo) -> None:
    repo.commit({".github/CODEOWNERS": "* @head\n"})
    repo.write(".github/CODEOWNERS", "* @changed\n")
    with target(repo) as found:
        assert owners.of(found).of("x") == ("@head",)


def test_nobody_owns_where_there_is_no_file(repo: Repo) -> None:
    repo.commit({"a": "b"})
    with target(repo) as found:
        assert owners.of(found).of("x") == ()
    assert owners.of(None).of("x") == ()
