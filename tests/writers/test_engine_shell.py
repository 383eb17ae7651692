"""A rewritten script does what it did before: run by bash against OpenBao and moto, word by word the same."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import boto3
import hvac
import pytest
from engines import Moto, OpenBao, sops_key, tool
from rewrites import ROOT, Case, applied, cases, laid_out, planned, tree_of

from secretsweep import stores
from secretsweep.app.remediation.materialize import after
from secretsweep.app.remediation.planning import Prepared
from secretsweep.model import Change, Reference, Secret
from secretsweep.stores import sops
from secretsweep.writers import File, shell

# every command that gets a password says what it got: its words, and what it was fed
_SPY = """#!/bin/sh
printf '%s' "${0##*/}"; printf ' <%s>' "$@"; printf ' %s\\n' "$PGPASSWORD"
[ -t 0 ] || cat
"""
_COMMANDS = "mysql mysqldump mysqladmin pg_dump psql curl docker redis-cli chpasswd kubectl".split()
_SCRIPTS = {
    "assignments": "deploy.sh",
    "words": "jobs/backup.sh",
    "documents": "setup.sh",
    "inline": "start.bash",
    "keys": "keys.sh",
}


def _spied(folder: Path) -> Path:
    folder.mkdir()
    for name in _COMMANDS:
        (folder / name).write_text(_SPY)
        (folder / name).chmod(0o755)
    return folder


def _run(script: Path, folder: Path, environ: Mapping[str, str], *path: Path | str) -> tuple[str, dict[str, bytes]]:
    """What a script prints, and the files that it leaves."""
    folder.mkdir()
    done = subprocess.run(
        ["bash", str(script)],
        cwd=folder,
        env={"PATH": os.pathsep.join((*map(str, path), os.environ["PATH"])), "HOME": str(folder), **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    files = {name: data for name, data in tree_of(folder).items() if not name.endswith(".gz")}
    return done.stdout, {name: data for name, data in files.items() if not name.startswith("usr/")}


def _bao_as_vault(folder: Path) -> Path:
    folder.mkdir()
    (folder / "vault").symlink_to(tool("bao"))
    return folder


def _stored_in_bao(prepared: Prepared, bao: OpenBao) -> None:
    client = hvac.Client(url=bao.url, token=bao.token)
    for put in prepared.plan.puts:
        at = put.reference
        value = prepared.secrets[at].reveal().decode()
        client.secrets.kv.v2.create_or_update_secret(at.path, {at.field: value}, mount_point=at.mount)


@pytest.mark.parametrize("name", _SCRIPTS)
def test_a_rewritten_script_hands_on_the_same_values_from_openbao(name: str, bao: OpenBao, tmp_path: Path) -> None:
    root = laid_out(Case(ROOT / "shell_vault" / name), tmp_path / "repo")
    script, spies = root / _SCRIPTS[name], _spied(tmp_path / "spies")
    before = _run(script, tmp_path / "before", {}, spies)
    prepared = planned(root, "vault")
    _stored_in_bao(prepared, bao)
    applied(prepared, root)
    after = _run(script, tmp_path / "after", bao.environ, spies, _bao_as_vault(tmp_path / "bin"))
    assert after == before


def test_a_value_that_a_shell_would_take_apart_arrives_whole(bao: OpenBao, tmp_path: Path) -> None:
    odd = "a b*$HOME`id`\"'\\n#;|&"
    root = laid_out(Case(ROOT / "shell_vault" / "words"), tmp_path / "repo")
    prepared = planned(root, "vault")
    _stored_in_bao(prepared, bao)
    client = hvac.Client(url=bao.url, token=bao.token)
    for put in prepared.plan.puts:
        client.secrets.kv.v2.create_or_update_secret(put.reference.path, {"value": odd}, mount_point="secret")
    applied(prepared, root)
    spies, bin_ = _spied(tmp_path / "spies"), _bao_as_vault(tmp_path / "bin")
    said, files = _run(root / "jobs/backup.sh", tmp_path / "run", bao.environ, spies, bin_)
    assert said.count(odd) == len(prepared.plan.puts) - 3  # those that went to files
    assert f"DB_PASSWORD={odd}\n".encode() == files["etc/default/shop"]
    assert odd.encode() in files["shop.sql"]


@pytest.mark.parametrize("store", ["aws-secretsmanager", "aws-ssm"])
@pytest.mark.parametrize("name", ["assignments", "documents", "keys"])
def test_a_rewritten_script_hands_on_the_same_values_from_aws(name: str, store: str, aws: Moto, tmp_path: Path) -> None:
    root = laid_out(Case(ROOT / "shell_vault" / name), tmp_path / "repo")
    script, spies = root / _SCRIPTS[name], _spied(tmp_path / "spies")
    before = _run(script, tmp_path / "before", {}, spies)
    prepared = planned(root, "vault")
    account = boto3.Session("testing", "testing", region_name="us-east-1")
    spots = []
    for spot in (spot for change in prepared.plan.changes for spot in change.spots):
        at = Reference(
            store, f"/{spot.reference.path}" if store == "aws-ssm" else spot.reference.path, scope="us-east-1"
        )
        value = prepared.secrets[spot.reference].reveal().decode()
        if store == "aws-ssm":
            account.client("ssm", endpoint_url=aws.url).put_parameter(Name=at.path, Value=value, Type="SecureString")
        else:
            account.client("secretsmanager", endpoint_url=aws.url).create_secret(Name=at.path, SecretString=value)
        spots.append(spot._replace(reference=at))
    data = script.read_bytes()
    results = list(shell.rewrite(spots, File(_SCRIPTS[name], data), Alone()))
    changes = [result for result in results if isinstance(result, Change)]
    assert len(changes) == len(results) == len(spots)
    script.write_bytes(after(data, [edit for change in changes for _, edit in change.edits]))
    assert _run(script, tmp_path / "after", aws.environ, spies, _aws(tmp_path / "bin")) == before


def _aws(folder: Path) -> Path:
    folder.mkdir()
    (folder / "aws").symlink_to(tool("aws"))
    return folder


class Alone:
    """No other files."""

    def paths(self) -> list[str]:
        return []

    def read(self, path: str) -> bytes | None:
        return None


@pytest.mark.parametrize("case", cases("shell"), ids=lambda case: case.name)
def test_shellcheck_finds_nothing_new(case: Case, tmp_path: Path) -> None:
    root = laid_out(case, tmp_path / "repo")
    for script in sorted([*root.rglob("*.sh"), *root.rglob("*.bash")]):
        path = script.relative_to(root)
        assert _checked(case.folder / "after" / path) <= _checked(script) | _INLINE.get(path.name, set())


_INLINE = {"start.bash": {2155}, "backup.sh": {2016}}  # no line of its own; `bash -c '… $(…)'` is meant


def _checked(script: Path) -> set[int]:
    """The codes of what shellcheck says."""
    done = subprocess.run([tool("shellcheck"), "-f", "json", str(script)], capture_output=True, check=False)
    return {said["code"] for said in json.loads(done.stdout)}


def _moved_to_sops(root: Path, folder: Path) -> dict[str, str]:
    """The values in a file of sops, and what a script needs to read it."""
    environ = sops_key(folder)
    applied(planned(root, "sops"), root, sops.connected(stores.Options(tree=str(root)), environ))
    assert (root / "iac.enc.yaml").exists()
    return {"SOPS_AGE_KEY_FILE": environ["SOPS_AGE_KEY_FILE"]}


@pytest.mark.parametrize("name", ["assignments", "words", "documents", "keys"])
def test_a_rewritten_script_hands_on_the_same_values_from_a_file_of_sops(name: str, tmp_path: Path) -> None:
    root = laid_out(Case(ROOT / "shell_sops" / name), tmp_path / "repo")
    script, spies = root / _SCRIPTS[name], _spied(tmp_path / "spies")
    before = _run(script, tmp_path / "before", {}, spies)
    environ = _moved_to_sops(root, tmp_path)
    assert _run(script, tmp_path / "after", environ, spies, Path(tool("sops")).parent) == before


@pytest.mark.parametrize(("script", "start"), [("home.sh", "."), ("home.sh", "scripts"), ("deep/place.sh", "scripts")])
def test_a_script_finds_its_file_wherever_it_is_started(script: str, start: str, tmp_path: Path) -> None:
    root = laid_out(Case(ROOT / "shell_sops" / "folders"), tmp_path / "repo")
    environ = {"PATH": f"{Path(tool('sops')).parent}{os.pathsep}{os.environ['PATH']}"}
    said = []
    for when in ("before", "after"):
        out = tmp_path / when
        out.mkdir()
        written = os.path.relpath(root / "scripts" / script, root / start)
        command = ["bash" if script == "home.sh" else "sh", written]
        subprocess.run(command, cwd=root / start, env=environ | {"OUT": str(out)}, check=True)
        said.append(tree_of(out))
        if when == "before":
            environ |= _moved_to_sops(root, tmp_path)
    assert said[0] == said[1]
    assert len(said[0]) == 1


def test_a_value_of_sops_that_a_shell_would_take_apart_arrives_whole(tmp_path: Path) -> None:
    odd = "a b*$HOME`id`\"'\\n#;|&"
    root = laid_out(Case(ROOT / "shell_sops" / "folders"), tmp_path / "repo")
    prepared = planned(root, "sops")
    applied(prepared, root)
    environ = sops_key(tmp_path)
    store = sops.connected(stores.Options(tree=str(root)), environ)
    for put in prepared.plan.puts:
        store.create(put.reference, Secret(odd.encode()), {})
    environ["OUT"] = str(tmp_path)
    subprocess.run(["bash", root / "scripts" / "home.sh"], env=environ, check=True)
    assert (tmp_path / "home").read_text() == odd
