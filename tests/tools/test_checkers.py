"""Which checkers a file is for, and what is said of what they say."""

import os
from pathlib import Path

import pytest
from engines import tool
from flows import Files

from secretsweep import tools
from secretsweep.app.remediation import checking
from secretsweep.app.remediation.tree import WorkTree
from secretsweep.model import Change, Edit, FileEdit, Plan, Secret, Span
from secretsweep.tools.checkers import checks

FILES: dict[str, str | bytes] = {
    "stack/main.tf": "",
    "stack/prod.tfvars": "",
    "charts/shop/Chart.yaml": "",
    "charts/shop/templates/a.yaml": "",
    "cfn.yaml": "Resources:\n  A:\n    Type: AWS::S3::Bucket\n",
    "site.yml": "- hosts: all\n  tasks: []\n",
    "group_vars/all.yml": "a: b\n",
    "run.sh": "",
    "bin/start": "#!/usr/bin/env bash\n",
    "bin/python": "#!/usr/bin/env python3\n",
    "api/Dockerfile": "",
    "prod.Dockerfile": "",
    "-x.sh": "",
    ".github/workflows/ci.yml": "",
    "notes.md": "AWS::S3::Bucket",
}


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("stack/main.tf", ["terraform fmt stack/main.tf", "terraform validate stack"]),
        ("stack/prod.tfvars", ["terraform fmt stack/prod.tfvars"]),
        ("charts/shop/templates/a.yaml", ["helm lint charts/shop", "helm template charts/shop"]),
        ("cfn.yaml", ["cfn-lint cfn.yaml"]),
        ("site.yml", ["ansible-playbook site.yml"]),
        ("group_vars/all.yml", []),
        ("run.sh", ["shellcheck run.sh"]),
        ("bin/start", ["shellcheck bin/start"]),
        ("bin/python", []),
        ("api/Dockerfile", ["hadolint api/Dockerfile"]),
        ("prod.Dockerfile", ["hadolint prod.Dockerfile"]),
        (".github/workflows/ci.yml", ["actionlint .github/workflows/ci.yml"]),
        ("notes.md", []),
        ("gone.tf", []),
    ],
)
def test_a_file_is_for_its_checkers(path: str, names: list[str]) -> None:
    assert [f"{check.name} {check.target}" for check in checks(path, Files(FILES))] == names


def test_a_path_is_never_an_option() -> None:
    [check] = checks("-x.sh", Files(FILES))
    assert check.arguments[-1] == "./-x.sh"


def plan(*paths: str) -> Plan:
    edits = tuple(FileEdit(path, Edit(Span(0, 0), b"")) for path in paths)
    return Plan("", "memory", (), (Change((), edits),), ())


def program(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_each_check_runs_once_in_its_folder_and_its_verdict_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "tree"
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(str(text))
    programs = tmp_path / "bin"
    program(programs, "terraform", 'test -f main.tf && echo "$1 $PWD" >> "$LOG"')
    program(programs, "shellcheck", 'cat; echo "line: hunter2hunter2\x1b[31m"; exit 1')
    log = tmp_path / "log"
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}/bin{os.pathsep}/usr/bin")
    monkeypatch.setenv("LOG", str(log))
    (root / "stack" / ".terraform").mkdir()
    tree = WorkTree(root, None)
    done = plan("stack/main.tf", "stack/prod.tfvars", "run.sh", "cfn.yaml")
    found = list(checking.checked(done, tree, {}))
    assert checking.said(found, [Secret(b"hunter2hunter2")]) == (
        "Checks:\n"
        "  cfn-lint cfn.yaml: cfn-lint is not installed\n"
        "  shellcheck run.sh: FAILED\n"
        "      line: ********\\x1b[31m\n"
        "  terraform fmt stack/main.tf: ok\n"
        "  terraform validate stack: ok\n"
        "  terraform fmt stack/prod.tfvars: ok"
    )
    assert log.read_text().split() == [
        "fmt",
        str(root / "stack"),
        "validate",
        str(root / "stack"),
        "fmt",
        str(root / "stack"),
    ]
    assert [one.failed for one in found] == [False, True, False, False, False]


def test_what_is_not_initialised_is_not_validated_and_nothing_is_for_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "bin", "terraform", "exit 3")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (tmp_path / "a.tf").write_text("")
    [_, validate] = checking.checked(plan("a.tf"), WorkTree(tmp_path, None), {})
    assert validate.skipped == "`terraform init` was not run there"
    assert checking.said([], []) == "Checks: none of the checkers that are known is for these files."


def test_a_program_that_does_not_end_or_start_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "SECONDS", 0.2)
    assert tools.run(str(tmp_path), ("/bin/sleep", "5")) == tools.Ran(-1, "did not end in 0.2 seconds")
    assert tools.run(str(tmp_path), (str(tmp_path / "none"),)).code == -1


BEFORE = "./run.sh:3:5: error: gone\n./run.sh:4:1: error: twice\n./run.sh:9:1: error: stays [SC1]\n"
AFTER = "./run.sh:5:1: error: twice\n./run.sh:6:1: error: twice\n./run.sh:11:1: error: stays [SC1]\n"


def test_only_faults_that_are_new_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the lines have moved to; and how many others there are."""
    program(tmp_path / "bin", "shellcheck", f"cat {tmp_path}/says; exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path}/bin{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "run.sh").write_text("")
    tree = WorkTree(tmp_path, None)
    told = []
    for before, after in ((BEFORE, AFTER), (AFTER, AFTER), ("", BEFORE), ("", ""), (BEFORE, "")):
        (tmp_path / "says").write_text(before)
        first = checking.ran(plan("run.sh"), tree)
        (tmp_path / "says").write_text(after)
        [one] = checking.checked(plan("run.sh"), tree, first)
        told.append((one.failed, checking.said([one], []).partition("shellcheck run.sh: ")[2]))
    assert told == [
        (True, "FAILED, beside 2 faults that were there before\n      ./run.sh:6:1: error: twice"),
        (False, "nothing but 3 faults that were there before"),
        (True, "FAILED\n" + "\n".join(f"      {line}" for line in BEFORE.splitlines())),
        (False, "nothing but 1 fault that was there before"),
        (True, "FAILED"),
    ]


@pytest.mark.parametrize("ended", [True, False])
def test_a_check_that_did_not_end_before_excuses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ended: bool
) -> None:
    program(tmp_path / "bin", "shellcheck", "echo a fault; exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path}/bin{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "run.sh").write_text("")
    [check] = checks("run.sh", WorkTree(tmp_path, None))
    first = {check: tools.Ran(1 if ended else -1, "a fault")}
    [one] = checking.checked(plan("run.sh"), WorkTree(tmp_path, None), first)
    assert one.failed != ended


TERRAFORM = """
Error: Reference to undeclared input variable

  on main.tf line 3, in resource "a" "b":
   3:   password = var.{name}

An input variable with the name "{name}" has not been declared.

Error: Unsupported argument

  on main.tf line {line}, in resource "a" "b":
   {line}:   nope = {name}

An argument named "nope" is not expected here.
"""


def test_a_fault_of_many_lines_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "bin", "terraform", f"[ $1 = fmt ] || cat {tmp_path}/says; exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path}/bin{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "main.tf").write_text("")
    (tmp_path / ".terraform").mkdir()
    tree = WorkTree(tmp_path, None)
    (tmp_path / "says").write_text(TERRAFORM.format(name="a", line=9))
    first = checking.ran(plan("main.tf"), tree)
    (tmp_path / "says").write_text(TERRAFORM.format(name="b", line=12))
    _, one = checking.checked(plan("main.tf"), tree, first)
    assert one.known == 1
    assert [fault.splitlines()[0] for fault in one.new] == ["Error: Reference to undeclared input variable"]


@pytest.mark.parametrize(
    ("name", "path", "good", "bad"),
    [
        ("shellcheck", "a.sh", '#!/bin/sh\necho "$A"\n', "#!/bin/sh\nif true; then\n"),
        ("hadolint", "Dockerfile", "FROM debian:12\n", "FROM debian:12\nRUNN x\n"),
        (
            "cfn-lint",
            "a.yaml",
            "Resources:\n  A:\n    Type: AWS::S3::Bucket\n",
            "Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties: {Nope: 1}\n",
        ),
    ],
)
def test_the_real_programs_tell_good_files_from_bad_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, path: str, good: str, bad: str
) -> None:
    monkeypatch.setenv("PATH", f"{Path(tool(name)).parent}{os.pathsep}{os.environ['PATH']}")
    for text, failed in ((good, False), (bad, True)):
        (tmp_path / path).write_text(text)
        [one] = checking.checked(plan(path), WorkTree(tmp_path, None), {})
        assert (one.failed, bool(one.new)) == (failed, failed), one.ran
