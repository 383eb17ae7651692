"""The configuration file: what it may say, and how it is told what it may not."""

from datetime import date
from pathlib import Path

import pytest

from secretsweep import config
from secretsweep.config import Allow, Config, globs
from secretsweep.errors import ConfigError, UsageError


def read(folder: Path, text: str, name: str = ".secretsweep.toml") -> Config:
    (folder / name).write_text(text, encoding="utf-8")
    return config.read(folder)


def wrong(folder: Path, text: str, name: str = ".secretsweep.toml") -> str:
    with pytest.raises(ConfigError) as caught:
        read(folder, text, name)
    return str(caught.value)


def test_without_a_file_everything_has_its_default(tmp_path: Path) -> None:
    assert config.read(tmp_path) == Config(folder=str(tmp_path))


def test_every_setting_is_read(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """
fail-on = "high"
min-confidence = "medium"
jobs = 3
format = "json"
rules = ["rules", "more/own.yaml"]
disable-rules = ["generic-password"]
exclude-paths = ["vendor/", "*.lock"]
allow-incomplete = ["lfs", "shallow"]
max-file-size = "10 MB"
baseline = "ci/accepted"
detect-secrets = true

[[allow]]
reason = "a test key"
rule = "aws-*"
path = "tests/**"
key = "*.password"
expires = 2027-01-31

[[allow]]
reason = "public by design"
key = "stripe.publishable_key"
""",
    )
    assert found == Config(
        fail_on="high",
        min_confidence="medium",
        jobs=3,
        format="json",
        rules=("rules", "more/own.yaml"),
        disable_rules=("generic-password",),
        exclude_paths=("vendor/", "*.lock"),
        allow_incomplete=("lfs", "shallow"),
        max_file_size=10_000_000,
        baseline="ci/accepted",
        detect_secrets=True,
        allow=(
            Allow("a test key", "aws-*", "tests/**", "*.password", date(2027, 1, 31), ".secretsweep.toml:14"),
            Allow("public by design", key="stripe.publishable_key", where=".secretsweep.toml:21"),
        ),
        folder=str(tmp_path),
        lines=found.lines,
    )
    assert found.place("jobs") == ".secretsweep.toml:4"
    assert found.resolved(found.rules[0]) == tmp_path / "rules"


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_one(tmp_path: Path) -> None:
    text = "# our settings\n\njobs = 2\n\n\n\nfail-one = 'high'\n"
    assert wrong(tmp_path, text) == '.secretsweep.toml:7: unknown key "fail-one"; did you mean "fail-on"?'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fail-on = 'hihg'", '1: fail-on: "hihg" is none of critical, high, medium, low, never; did you mean "high"?'),
        ("\njobs = 'two'", '2: jobs: wants a whole number, 0 or more, not "two"'),
        ("jobs = true", "1: jobs: wants a whole number, 0 or more, not true"),
        ("jobs = -1", "1: jobs: wants a whole number, 0 or more, not -1"),
        ("rules = 'own.yaml'", '1: rules: wants a list of texts, as in ["a", "b"], not "own.yaml"'),
        ("max-file-size = '10 parsecs'", '1: max-file-size: wants a size, as in "10 MB", not "10 parsecs"'),
        ("exclude-paths = ['**']", '1: exclude-paths: "**" would exclude everything'),
        ("exclude-paths = ['!a']", '1: exclude-paths: "!a": a pattern cannot be taken back with `!`'),
        ("detect-secrets = 1", "1: detect-secrets: wants true or false, not 1"),
        ("baseline = ''", '1: baseline: wants a text, not ""'),
        ("jobs = 1\nfail-on", "2: Expected '=' after a key in a key/value pair"),
        ("jobs = 1\nfail_on = 'low'\nfail-on = 'low'", '3: "fail-on" is set twice'),
        ("allow = 'all'", "1: allow: wants tables, each under a line [[allow]]"),
        (
            "[[allow]]\nrule = 'a'\n[[allow]]\n\nrule = 'b'\nreason = 'x'",
            '1: allow: "reason" is missing: say why this is no risk',
        ),
        (
            "[[allow]]\nrule = 'a'\nreason = 'x'\n[[allow]]\n\nreason = 'x'",
            '4: allow: would accept everything; name a "rule", "path" or "key"',
        ),
        ("[[allow]]\nreason = 'x'\npath = '**'", '1: allow: would accept everything; name a "rule", "path" or "key"'),
        ("[[allow]]\nreason = 'x'\nrul = 'a'", '3: unknown key "rul" in [[allow]]; did you mean "rule"?'),
        (
            "[[allow]]\nrule='a'\nreason='x'\n[[allow]]\nreason='x'\nexpires='soon'",
            '6: allow.expires: wants a day, as in 2027-01-31, not "soon"',
        ),
        ("[[allow]]\nreason = ''\nrule = 'a'", '2: allow.reason: wants a text, not ""'),
    ],
)
def test_what_is_wrong_is_named_by_line_and_key(tmp_path: Path, text: str, message: str) -> None:
    assert wrong(tmp_path, text) == f".secretsweep.toml:{message}"


def test_a_key_inside_a_long_text_is_not_taken_for_the_key(tmp_path: Path) -> None:
    text = '[[allow]]\nrule = "a"\nreason = """\njobs = 1\n"""\nexpires = 7\n'
    assert wrong(tmp_path, text).startswith(".secretsweep.toml:6: allow.expires")


def test_the_table_in_pyproject_is_read_where_there_is_no_own_file(tmp_path: Path) -> None:
    found = read(tmp_path, "[project]\nname = 'x'\n[tool.secretsweep]\nfail-on = 'never'\n", "pyproject.toml")
    assert (found.fail_on, found.place("fail-on"), found.notes) == ("never", "pyproject.toml:4", ())
    text = "[tool.other]\njobs = 'x'\n[tool.secretsweep]\njobs = 'x'\n"
    assert wrong(tmp_path, text, "pyproject.toml").startswith("pyproject.toml:4: jobs:")


def test_a_pyproject_without_the_table_says_nothing_however_broken(tmp_path: Path) -> None:
    assert read(tmp_path, "this is no TOML", "pyproject.toml") == Config(folder=str(tmp_path))


def test_of_two_files_the_own_one_counts_and_a_note_says_so(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.secretsweep]\njobs = 7\n", encoding="utf-8")
    found = read(tmp_path, "fail-on = 'high'\n")
    assert (found.jobs, found.fail_on) == (0, "high")
    assert found.notes == (
        "pyproject.toml has a table [tool.secretsweep]; .secretsweep.toml counts, and the table is not read",
    )


def test_a_file_that_was_asked_for_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        config.read(tmp_path, tmp_path / "other.toml")
    (tmp_path / "other.toml").write_text("jobs = 5", encoding="utf-8")
    assert config.read(tmp_path, tmp_path / "other.toml").jobs == 5


def test_the_command_line_counts_more_than_the_environment_and_that_more_than_the_file(tmp_path: Path) -> None:
    found = read(tmp_path, "fail-on = 'high'\njobs = 2\nformat = 'json'\n")
    environ = {"SECRETSWEEP_FAIL_ON": "medium", "SECRETSWEEP_JOBS": "4", "SECRETSWEEP_CACHE": "/x", "HOME": "/"}
    merged = config.merged(found, environ, jobs=8, format=None)
    assert (merged.fail_on, merged.jobs, merged.format) == ("medium", 8, "json")
    assert [merged.place(key) for key in ("fail-on", "jobs", "format")] == [
        "SECRETSWEEP_FAIL_ON",
        "--jobs",
        ".secretsweep.toml:3",
    ]


def test_lists_in_the_environment_are_separated_by_commas() -> None:
    merged = config.merged(Config(), {"SECRETSWEEP_ALLOW_INCOMPLETE": "lfs, shallow"})
    assert merged.allow_incomplete == ("lfs", "shallow")


def test_paths_from_outside_the_file_are_relative_to_the_current_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    assert config.merged(Config(folder="/repo"), {"SECRETSWEEP_BASELINE": "b"}).baseline == "/b"


def test_a_wrong_variable_and_a_wrong_option_are_named() -> None:
    with pytest.raises(ConfigError, match=r'^SECRETSWEEP_JOBS: wants a whole number, 0 or more, not "many"$'):
        config.merged(Config(), {"SECRETSWEEP_JOBS": "many"})
    with pytest.raises(UsageError, match=r'^--fail-on: "all" is none of'):
        config.merged(Config(), {}, fail_on="all")


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("*.lock", ["a.lock", "b/c.lock"], ["a.lock.tf", "lock"]),
        ("vendor/", ["vendor/a", "x/vendor/b/c"], ["vendored/a"]),
        ("/top.tf", ["top.tf"], ["a/top.tf"]),
        ("a/*.tf", ["a/b.tf"], ["a/b/c.tf", "x/a/b.tf"]),
        ("a/**/z.tf", ["a/z.tf", "a/b/c/z.tf"], ["az.tf"]),
        ("**/test/**", ["test/a", "x/test/b"], ["attest/a"]),
        ("charts/*/values.yaml", ["charts/x/values.yaml"], ["charts/values.yaml"]),
        ("*.zip", ["a.zip", "a.zip!in/side.tf"], ["a.zipper"]),
        ("file[0-9].tf", ["file1.tf"], ["filex.tf"]),
        ("file[!0-9].tf", ["filex.tf"], ["file1.tf", "file/.tf"]),
        ("a?c", ["abc"], ["a/c"]),
        ("with\nnewline", ["with\nnewline"], ["with newline"]),
    ],
)
def test_patterns_match_paths_as_gitignore_does(pattern: str, matching: list[str], others: list[str]) -> None:
    matches = globs.paths([pattern])
    assert [path for path in matching + others if matches(path)] == matching


def test_no_pattern_matches_no_path() -> None:
    assert not globs.paths([])("a")
