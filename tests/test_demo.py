"""The demo repository holds what it says, where it says, and nothing else that looks like it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

DEMO = Path(__file__).resolve().parent.parent / "scripts" / "demo"


def make(folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run((sys.executable, str(DEMO), str(folder), *options), capture_output=True, text=True)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "repo"
    done = make(folder)
    assert done.returncode == 0, done.stderr
    return folder


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(("git", "-C", str(folder), *arguments), capture_output=True, check=True)
    return done.stdout.decode("utf-8", "replace")


def test_the_same_demo_is_made_every_time(demo: Path, tmp_path: Path) -> None:
    make(tmp_path / "again")
    make(tmp_path / "other", "--seed", "2")
    refs = git(demo, "for-each-ref")
    assert "refs/stash" in refs
    assert git(tmp_path / "again", "for-each-ref") == refs
    assert git(tmp_path / "other", "for-each-ref") != refs


def test_a_key_pair_is_in_the_history_but_not_in_head(demo: Path) -> None:
    assert subprocess.run(("git", "-C", str(demo), "grep", "-q", "AWS_SECRET", "HEAD")).returncode == 1
    assert re.search(r"^-AWS_SECRET_ACCESS_KEY=\S{40}$", git(demo, "log", "-p", "main"), re.MULTILINE)


def test_a_token_is_in_a_commit_message(demo: Path) -> None:
    assert re.search(r"ghp_\w{36} ", git(demo, "log", "--format=%B", "main"))


def test_a_password_is_in_a_merge_commit_alone(demo: Path) -> None:
    assert "grafana_db_password" not in git(demo, "log", "-p", "--all")
    assert "grafana_db_password" in git(demo, "log", "-p", "-m", "main")


def test_a_token_is_in_a_stash_alone(demo: Path) -> None:
    assert "token: npm_" not in git(demo, "log", "-p", "-m", "main")
    assert "token: npm_" in git(demo, "log", "-p", "-m", "refs/stash")


def test_the_working_tree_is_clean(demo: Path) -> None:
    assert git(demo, "status", "--porcelain") == ""


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    done = make(tmp_path)
    assert done.returncode == 2
    assert "not an empty folder" in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]


def test_an_audit_finds_every_planted_credential_and_nothing_else(demo: Path) -> None:
    program = "from secretsweep.cli import main; main()"
    audit = (sys.executable, "-c", program, "audit", str(demo), "--format", "json", "--quiet")
    done = subprocess.run(audit, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    credentials = json.loads(done.stdout)["credentials"]
    places = [re.sub(r":.*", "", c["occurrences"][0]["path"]) for c in credentials]
    assert sorted(places) == [
        ".env",
        ".env",
        "ansible/monitoring.yml",
        "ci/upload.env",
        "ci/upload.env",
        "commit-message",
        "helm/charts/queue-2.1.0.tgz!queue/values.yaml",
        "helm/staging-values.yaml",
        "helm/values.yaml",
        "kubernetes/orders-config.yaml",
        "kubernetes/orders-secret.yaml",
        "monitoring/alertmanager.yaml",
        "terraform/bastion-user-data.sh",
        "terraform/database.tf",
        "terraform/production.tfvars",
        "terraform/variables.tf",
    ]
    assert all(len(c["occurrences"]) == 1 for c in credentials)
