"""Builds do after a rewrite what they did before: run by bash, with the variables that CodeBuild would read from moto.

The reading follows the userguide's build-spec-ref; CodeBuild itself is nothing that a test can have.
"""

import os
import subprocess
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from engines import Moto
from rewrites import ROOT, Case, applied, laid_out, planned

CASES = (
    "aws-secretsmanager/variables",
    "aws-secretsmanager/commands",
    "aws-secretsmanager/existing",
    "aws-ssm/variables",
)


def _client(aws: Moto, service: str) -> Any:
    return boto3.Session("testing", "testing", region_name="us-east-1").client(service, endpoint_url=aws.url)


def _built(file: Path, aws: Moto, folder: Path) -> str:
    """What a build leaves in out.txt."""
    spec = yaml.safe_load(file.read_bytes())
    env = spec.get("env", {})
    variables = {name: str(value) for name, value in env.get("variables", {}).items()}
    for name, source in env.get("secrets-manager", {}).items():
        secret, _, key = source.partition(":")
        if not key:  # the others are in the fixture already
            variables[name] = _client(aws, "secretsmanager").get_secret_value(SecretId=secret)["SecretString"]
    for name, source in env.get("parameter-store", {}).items():
        found = _client(aws, "ssm").get_parameter(Name=source, WithDecryption=True)
        variables[name] = found["Parameter"]["Value"]
    folder.mkdir()
    for phase in spec["phases"].values():
        variables |= {"PATH": os.environ["PATH"]}
        script = "\n".join([*phase["commands"], *phase.get("finally", ()), "export -p >.env"])
        script = f"[ -e .env ] && . ./.env\n{script}"
        subprocess.run(["bash", "-c", script], cwd=folder, env=variables, capture_output=True, check=True)
    return (folder / "out.txt").read_text()


@pytest.mark.parametrize("name", CASES)
def test_a_build_does_the_same(name: str, aws: Moto, tmp_path: Path) -> None:
    case = Case(ROOT / f"codebuild_{name}")
    root = laid_out(case, tmp_path / "repo")
    file = next(path for path in root.rglob("buildspec*"))
    before = _built(file, aws, tmp_path / "before")
    prepared = planned(root, case.store)
    for put in prepared.plan.puts:
        value = prepared.secrets[put.reference].reveal().decode()
        if case.store == "aws-ssm":
            _client(aws, "ssm").put_parameter(Name=put.reference.path, Value=value, Type="SecureString")
        else:
            _client(aws, "secretsmanager").create_secret(Name=put.reference.path, SecretString=value)
    applied(prepared, root)
    assert before
    assert _built(file, aws, tmp_path / "after") == before
