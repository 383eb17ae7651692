"""A PostgreSQL password in a Helm values file: found, moved, rotated, proven dead, closed. All servers are real."""

import json
import os
import subprocess
import sys
from pathlib import Path

import hvac
import pytest
from engines import OpenBao, PostgreSQL
from repositories import Repo, password

ROOT = Path(__file__).parent.parent.parent
CHART = {
    "Chart.yaml": "apiVersion: v2\nname: shop\nversion: 0.1.0\n",
    "templates/secret.yaml": (
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {{ .Release.Name }}-db\ntype: Opaque\nstringData:\n"
        "  password: {{ .Values.postgresql.password | quote }}\n"
    ),
    "templates/api.yaml": (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .Release.Name }}-api\nspec:\n"
        "  selector: {matchLabels: {app: api}}\n  template:\n    metadata: {labels: {app: api}}\n    spec:\n"
        "      containers:\n        - name: api\n          image: shop/api:1\n          env:\n"
        "            - name: DATABASE_PASSWORD\n              valueFrom:\n                secretKeyRef:\n"
        "                  name: {{ .Values.postgresql.existingSecret | default (printf \"%s-db\" .Release.Name) }}\n"
        "                  key: password\n"
    ),
}


class Person:
    """Somebody at a terminal in the repository."""

    def __init__(self, folder: Path, environ: dict[str, str], never: list[str]) -> None:
        self.folder, self.environ, self._never = folder, environ, never

    def __call__(self, *arguments: str, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-c", "from secretsweep.cli import main; main()", *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), **self.environ},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, (arguments, done.stdout, done.stderr)
        for value in self._never:
            assert value not in done.stdout + done.stderr
        return done.stdout


@pytest.mark.parametrize("role", ["shop"])
def test_a_leaked_password_from_the_file_to_the_end(
    tmp_path: Path, bao: OpenBao, postgres: PostgreSQL, role: str
) -> None:
    old = password("leaked in values")
    postgres.sql(f"DROP ROLE IF EXISTS {role}")
    postgres.sql(f"CREATE ROLE {role} LOGIN PASSWORD '{old}'")
    repo = Repo(tmp_path / "shop")
    where = f"  host: 127.0.0.1\n  port: {postgres.port}\n  username: {role}\n  database: postgres\n"
    repo.commit({**CHART, "values.yaml": f'postgresql:\n  existingSecret: ""\n{where}  password: "{old}"\n'}, "shop")
    do = Person(repo.path, {**bao.environ, **postgres.environ}, [old])

    do("audit", "-q", code=1)
    do("checklist", "open", "-q", "--private")
    [entry] = json.loads(do("checklist", "list", "-f", "json"))["entries"]
    name = entry["id"]
    do("rotate", name, "--account", role, code=2)  # it is in no store yet
    asking = ("verify", "--history", "--id", name, "--provider", "postgresql", "-f", "json", "-q")
    asking += ("--allow-address", f"127.0.0.1:{postgres.port}")
    assert [c["state"] for c in json.loads(do(*asking, code=1))["credentials"]] == ["live"]

    do("remediate", ".", "--store", "vault", "--apply", "--review", "-q")
    repo.commit({}, "the password lives in Vault")
    do("checklist", "open", "-q")
    entry = json.loads(do("checklist", "show", name, "-f", "json"))
    assert entry["reference"]["store"] == "vault" and not entry["in_head"]

    plan = do("rotate", name, "--account", role, "--driver", "postgresql", code=1)
    assert "Nothing was changed" in plan and postgres.lets_in(role, old)
    client = hvac.Client(url=bao.url, token=bao.token)
    reference = entry["reference"]

    def stored() -> str:
        read = client.secrets.kv.v2.read_secret_version(
            reference["path"], mount_point=reference["mount"], raise_on_deleted_version=True
        )
        return str(read["data"]["data"][reference["field"]])

    assert stored() == old
    do("rotate", name, "--account", role, "--driver", "postgresql", "--apply", "-q", code=1)
    new = stored()
    assert new != old and postgres.lets_in(role, new) and not postgres.lets_in(role, old)
    assert json.loads(do("checklist", "show", name, "-f", "json"))["state"] == "open"

    said = do("rotate", name, "--apply", "--rolled", "the deployment was restarted; api logs in", "-q")
    assert "is rotated" in said and new not in said
    assert postgres.lets_in(role, new) and not postgres.lets_in(role, old)
    closed = json.loads(do("checklist", "show", name, "-f", "json"))
    assert closed["state"] == "closed"
    shown = {step["id"] for step in closed["steps"] if step["evidence"]}
    assert shown >= {"assess", "misuse", "create", "store", "roll", "delete"}

    assert [c["state"] for c in json.loads(do(*asking))["credentials"]] == ["dead"]
    report = json.loads(do("audit", "-q", "-f", "json"))
    assert [c["state"] for c in report["credentials"]] == ["dead"]
    log = postgres.log.read_text("utf-8", "replace")
    assert new not in log and "SCRAM-SHA-256$" in log
    for file in (".git/secretsweep/ledger.sqlite", "ROTATION.md"):
        content = (repo.path / file).read_bytes()
        assert new.encode() not in content and old.encode() not in content
