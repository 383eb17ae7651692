"""secretsweep checklist, as people and jobs call it, on a real repository."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from repositories import Repo, hcl, password, token

ROOT = Path(__file__).parent.parent.parent
PASSWORD = password("checklist")
TOKEN = token("checklist")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """A password that is there, and a token that was removed."""
    repo = Repo(tmp_path / "shop")
    repo.commit({"deploy.sh": f"export GITHUB_TOKEN={TOKEN}\n", "CODEOWNERS": "*.tf @shop/infra\n"})
    repo.commit({"main.tf": hcl(PASSWORD), "deploy.sh": "echo\n"}, author="Bob <bob@example.org>")
    monkeypatch.chdir(repo.path)
    return repo


def run(*arguments: str, code: int = 0, command: str = "checklist") -> str:
    done = subprocess.run(
        [sys.executable, "-c", "from secretsweep.cli import main; main()", command, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), "USER": "tester"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    for value in (PASSWORD, TOKEN):
        assert value not in done.stdout + done.stderr
    return done.stdout + done.stderr


def entries() -> dict[str, dict[str, object]]:
    return {one["rule"]: one for one in json.loads(run("list", "--format", "json"))["entries"]}


def proven(name: str, *steps: str) -> None:
    for step in steps:
        run("check", name, step, "--evidence", f"OPS-7: {step} seen")


def test_every_credential_gets_one_entry_with_all_that_is_known(shop: Repo) -> None:
    assert "2 opened" in run("open", "-q")
    found = entries()
    assert len(found) == 2
    mine = next(one for one in found.values() if one["in_head"])
    assert mine["owners"] == ["@shop/infra"]
    assert mine["introduced_by"] == "Bob <bob@example.org>"
    assert mine["state"] == "open" and mine["id"] == mine["credential"]
    assert mine["steps"][0]["id"] == "assess"  # type: ignore[index]
    gone = next(one for one in found.values() if not one["in_head"])
    assert {step["id"] for step in gone["steps"] if step["done"]} == {"clean"}  # type: ignore[attr-defined]


def test_opening_again_changes_nothing(shop: Repo) -> None:
    run("open", "-q")
    before = Path("ROTATION.md").read_bytes(), entries()
    assert "0 opened, 0 reopened, 2 known" in run("open", "-q")
    assert (Path("ROTATION.md").read_bytes(), entries()) == before


def test_no_value_and_no_fast_hash_is_kept_anywhere(shop: Repo) -> None:
    import hashlib

    run("open", "-q")
    kept = Path("ROTATION.md").read_bytes() + Path(".git/secretsweep/ledger.sqlite").read_bytes()
    for value in (PASSWORD.encode(), TOKEN.encode()):
        assert value not in kept
        for algorithm in ("md5", "sha1", "sha256", "sha512"):
            assert hashlib.new(algorithm, value).hexdigest()[:16].encode() not in kept


def test_the_file_can_be_committed(shop: Repo) -> None:
    from secretsweep.rules.placeholders import fill

    lines = ('access_key = "AKIA${base32:16}"', 'secret_key = "${base64:40}"')
    keys = "".join(f"  {fill(line, seed)}\n" for seed, line in enumerate(lines))
    shop.commit({"aws.tf": f'provider "aws" {{\n{keys}}}\n'})
    run("open", "-q")
    assert "ROTATION.md" not in run("ROTATION.md", "-q", command="scan")
    assert [e["identifiers"] for e in entries().values() if e["rule"] == "aws-secret-access-key"] != [{}]
    before = len(entries())
    shop.commit({}, "checklist")
    run("open", "-q")
    assert len(entries()) == before == 3


def test_it_is_opened_from_a_saved_report(shop: Repo, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    run("--format", "json", "-o", str(report), "-q", command="audit", code=1)
    assert "2 opened" in run("open", "--from", str(report), "-q")
    assert "0 opened" in run("open", "-q")


def test_ticks_in_the_file_come_to_the_ledger(shop: Repo) -> None:
    run("open", "-q")
    file = Path("ROTATION.md")
    text = file.read_text()
    at = text.index("- [ ] **misuse**")
    end = text.index("\n", at)
    ticked = text[at:end].replace("[ ]", "[x]") + "\n  - evidence: the log has nothing"
    file.write_text("# Ours\n\nIntroduction.\n\n" + text[:at].partition("## ")[1] + text[:at].partition("## ")[2]
                    + ticked + text[end:] + "\nOur own words.\n")  # fmt: skip
    run("sync")
    done = [s for e in entries().values() for s in e["steps"] if s["id"] == "misuse" and s["done"]]  # type: ignore[attr-defined]
    assert [step["evidence"] for step in done] == ["the log has nothing"]
    after = file.read_text()
    assert after.startswith("# Ours\n\nIntroduction.\n") and after.endswith("Our own words.\n")
    assert after.count("secretsweep:fp=") == 2


def test_ledger_and_file_are_made_anew_from_each_other(shop: Repo) -> None:
    run("open", "-q")
    name = next(iter(entries().values()))["id"]
    run("check", str(name), "misuse", "--evidence", "nothing seen (see OPS-1)")
    file, book = Path("ROTATION.md"), Path(".git/secretsweep/ledger.sqlite")
    text, before = file.read_bytes(), entries()
    book.unlink()
    run("sync")
    assert entries() == before and file.read_bytes() == text
    file.unlink()
    run("sync")
    assert file.read_bytes() == text


def test_what_two_people_did_is_merged(shop: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("open", "-q")
    shop.commit({}, "checklist")
    name = str(next(iter(entries().values()))["id"])
    for person in ("one", "two"):
        clone = shop.clone(tmp_path / person)
        monkeypatch.chdir(clone.path)
        run("sync")
        run("check", name, {"one": "misuse", "two": "roll"}[person], "--evidence", f"{person} saw it")
        clone.commit({f"{person}.tf": hcl(password(person))})
        run("open", "-q")
        clone.commit({}, "checklist")
    clone.run("pull", "-q", "--no-rebase", str(tmp_path / "one"), "main", fails=False)
    assert "<<<<<<<" in Path("ROTATION.md").read_text()
    run("sync")
    merged = Path("ROTATION.md").read_text()
    assert "<<<<<<<" not in merged and merged.count("secretsweep:fp=") == 4
    Path(".git/secretsweep/ledger.sqlite").unlink()
    run("sync")
    assert Path("ROTATION.md").read_text() == merged
    found = json.loads(run("list", "-f", "json"))["entries"]
    done = {s["id"]: s["evidence"] for e in found if e["id"] == name for s in e["steps"] if s["done"]}
    assert len(found) == 4 and (done["misuse"], done["roll"]) == ("one saw it", "two saw it")


@pytest.mark.parametrize("marks", ["<<<<<<< HEAD\n", "=======\n>>>>>>> x\n<<<<<<< y\n"])
def test_marks_of_a_conflict_that_do_not_match_are_told(shop: Repo, marks: str) -> None:
    run("open", "-q")
    file = Path("ROTATION.md")
    text = marks + file.read_text()
    file.write_text(text)
    assert "conflict" in run("sync", code=4)
    assert file.read_text() == text


def test_it_is_closed_with_evidence_only(shop: Repo) -> None:
    run("open", "-q")
    name = str(next(one for one in entries().values() if one["in_head"])["id"])
    assert "evidence is missing of: misuse, roll, delete, clean" in run("close", name, code=2)
    assert "say what shows it" in run("check", name, "roll", code=2)
    proven(name, "misuse", "roll", "delete", "clean")
    assert "closed" in run("close", name, "--evidence", "all fine", "--by", "Ada")
    shown = json.loads(run("show", name[:8], "-f", "json"))
    assert (shown["state"], shown["closed"]["who"], shown["closed"]["evidence"]) == ("closed", "Ada", "all fine")
    assert "closed already" in run("close", name, code=2)


def test_a_value_that_is_back_is_noted_by_the_audit_and_opened_again(shop: Repo) -> None:
    run("open", "-q")
    name = str(next(one for one in entries().values() if not one["in_head"])["id"])
    proven(name, "misuse", "roll", "delete")
    run("close", name)
    shop.commit({"again.sh": f"export GITHUB_TOKEN={TOKEN}\n"})
    assert "is back in again.sh" in run("-v", command="audit", code=1)
    assert f"reopened {name[:12]}" in run("open", "-q")
    for _ in range(2):  # the ticks that stood in the file are of the time before
        shown = json.loads(run("show", name, "-f", "json"))
        assert shown["reopened"] == 1 and {step["id"] for step in shown["steps"] if step["done"]} == {"roll"}
        run("sync")


def test_status_is_for_a_daily_job(shop: Repo) -> None:
    assert "0 open" in run("status")
    run("open", "-q")
    assert "2 open, 0 overdue" in run("status")
    with sqlite3.connect(".git/secretsweep/ledger.sqlite") as book:
        book.execute("UPDATE entry SET facts = json_set(facts, '$.deadline', '2020-01-01T00:00:00+00:00')")
    told = run("status", code=1)
    assert "2 overdue" in told and "OVERDUE by" in told
    assert len(json.loads(run("status", "-f", "json", code=1))["overdue"]) == 2
    for one in entries().values():
        run("close", str(one["id"]), "--accept-risk", "shut down next month", "--until", "2999-01-01")
    assert "0 open, 0 overdue, 2 accepted" in run("status")


def test_a_credential_in_evidence_is_refused(shop: Repo) -> None:
    run("open", "-q")
    name = str(next(iter(entries().values()))["id"])
    done = subprocess.run(
        [sys.executable, "-m", "secretsweep", "checklist", "check", name, "misuse", "--evidence", f"it was {TOKEN}"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2 and "held a credential" in done.stderr and TOKEN not in done.stderr
    assert TOKEN.encode() not in Path(".git/secretsweep/ledger.sqlite").read_bytes()


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "ffff"),
        ("check", "ffff", "misuse", "--evidence", "x"),
        ("check", "ffff", "nonsense"),
        ("close", "ffff"),
        ("close", "ffff", "--accept-risk", "x"),
        ("close", "ffff", "--until", "2999-01-01"),
        ("open", "/nowhere"),
        ("open", "--from", "/nowhere"),
        ("open", "--tracker", "nonsense"),
    ],
)
def test_wrong_requests_are_told(shop: Repo, arguments: tuple[str, ...]) -> None:
    assert "Traceback" not in run(*arguments, code=2)


def test_outside_of_a_repository_the_ledger_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "--ledger FILE" in run("list", code=2)
    assert "Nothing is on the checklist" in run("list", "--ledger", str(tmp_path / "l"))


def test_what_is_proven_dead_does_not_fail_an_audit(shop: Repo) -> None:
    run("open", "-q")
    with sqlite3.connect(".git/secretsweep/ledger.sqlite") as book:
        for one in entries().values():
            book.execute("INSERT INTO judgement VALUES (?, 'dead', 'host', '2026-01-01T00:00:00+00:00', '401', '')", (one["id"],))  # fmt: skip  # noqa: E501
    report = json.loads(run("-f", "json", "-q", command="audit", code=1))
    assert {c["state"] for c in report["credentials"]} == {"dead"}
    shop.commit({"main.tf": None})
    run("-q", command="audit")


def test_a_foreign_repositorys_ledger_does_not_count(
    shop: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("open", "-q")
    with sqlite3.connect(".git/secretsweep/ledger.sqlite") as book:
        for one in entries().values():
            book.execute("INSERT INTO judgement VALUES (?, 'dead', 'host', '2026-01-01T00:00:00+00:00', '401', '')", (one["id"],))  # fmt: skip  # noqa: E501
    monkeypatch.chdir(tmp_path)
    report = json.loads(run(str(shop.path), "-f", "json", "-q", command="audit", code=1))
    assert {c["state"] for c in report["credentials"]} == {"unverified"}


def test_a_hostile_file_is_text_and_nothing_else(shop: Repo) -> None:
    run("open", "-q")
    file = Path("ROTATION.md")
    text = file.read_text()
    file.write_text(text.replace('"state": "open"', '"state": "nonsense"'))
    Path(".git/secretsweep/ledger.sqlite").unlink()
    run("sync")
    assert json.loads(run("list", "-f", "json"))["entries"] == []


def test_a_bare_repository_has_a_ledger_and_no_file(
    shop: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = shop.clone(tmp_path / "bare.git", "--bare").path
    monkeypatch.chdir(bare)
    assert "no place for ROTATION.md" in run("open", "-q")
    assert not (bare / "ROTATION.md").exists() and len(entries()) == 2
    assert "no place for ROTATION.md" in run("sync", code=2)


def test_what_was_not_read_is_told_by_name_and_number(
    shop: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = tmp_path / "report.json"
    run("--format", "json", "-o", str(report), "-q", command="audit", code=1)
    document = json.loads(report.read_text())
    lost = [{"reason": "too-large", "path": f"big-{number}.bin", "oid": "", "detail": ""} for number in range(30)]
    document["coverage"] |= {"complete": False, "skipped": lost}
    report.write_text(json.dumps(document))
    said = run("open", "--from", str(report), "-q", code=3)
    assert "not read: big-19.bin" in said and "big-20.bin" not in said and "not read: 10 more" in said
