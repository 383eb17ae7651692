"""What containers are told to fetch is the value: asked of moto as the agent of ECS does, with what the files say.

Task definitions are checked by AWS's own model of its API, templates by cfn-lint (test_engine_cfn_lint), configurations
are applied by Terraform's core.
"""

import json
import re
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.validate import ParamValidator
from engines import Moto
from rewrites import ROOT, Case, applied, laid_out, options_of, planned, tree_of
from terraform_stub import mirror
from terraform_stub.running import kept, opened

from secretsweep.app.remediation.planning import Prepared

_ACCOUNT = "123456789012"  # moto's
_KINDS = re.compile(r'^\s*(?:resource|data)\s+"(\w+)"', re.MULTILINE)
_PSEUDO = {"${AWS::Partition}": "aws", "${AWS::Region}": "us-east-1", "${AWS::AccountId}": _ACCOUNT}


def _client(aws: Moto, service: str, region: str = "us-east-1") -> Any:
    session = boto3.Session("testing", "testing", region_name=region)
    return session.client(service, endpoint_url=aws.url)


def _stored(prepared: Prepared, aws: Moto) -> dict[str, str]:
    """The values by their paths."""
    told = {}
    for put in prepared.plan.puts:
        at, value = put.reference, prepared.secrets[put.reference].reveal().decode()
        if at.store == "aws-ssm":
            client = _client(aws, "ssm", at.scope or "us-east-1")
            client.put_parameter(Name=at.path, Value=value, Type="SecureString")
        else:
            client = _client(aws, "secretsmanager", at.scope or "us-east-1")
            client.create_secret(Name=at.path, SecretString=value)
        told[at.path] = value
    return told


def _fetched(aws: Moto, source: str) -> str:
    """What the agent gives to a container."""
    service, region = [*source.split(":"), "", "", ""][2:4]
    if service == "secretsmanager":
        client = _client(aws, service, region)
        return str(client.get_secret_value(SecretId=source, VersionStage="AWSCURRENT")["SecretString"])
    client = _client(aws, "ssm", region or "us-east-1")
    found = client.get_parameters(Names=[source], WithDecryption=True)["Parameters"]
    return str(found[0]["Value"])


def _sources(found: Any) -> list[str]:
    """Every `valueFrom`, however deep."""
    if isinstance(found, dict):
        own = [value for key, value in found.items() if key.lower() == "valuefrom" and isinstance(value, str)]
        return own + [source for value in found.values() for source in _sources(value)]
    return [source for one in found for source in _sources(one)] if isinstance(found, list) else []


@pytest.mark.parametrize("name", ["ecs_aws-secretsmanager/task", "ecs_aws-ssm/task"])
def test_a_task_definition_is_one_and_names_the_values(name: str, aws: Moto, tmp_path: Path) -> None:
    case = Case(ROOT / name)
    root = laid_out(case, tmp_path / "repo")
    options, template = options_of(case)
    prepared = planned(root, case.store, options, template)
    values = _stored(prepared, aws)
    applied(prepared, root)
    (definition,) = (json.loads(data) for data in tree_of(root).values())
    service = botocore.session.get_session().get_service_model("ecs")
    shape = service.operation_model("RegisterTaskDefinition").input_shape
    assert not ParamValidator().validate(definition, shape).has_errors()
    sources = [s.replace("111122223333", _ACCOUNT) for s in _sources(definition) if "/shop/token" not in s]
    assert {_fetched(aws, source) for source in sources} == set(values.values())


@pytest.mark.parametrize("store", ["aws-secretsmanager", "aws-ssm"])
def test_a_template_names_the_values(store: str, aws: Moto, tmp_path: Path) -> None:
    root = laid_out(Case(ROOT / f"cloudformation_{store}" / "containers"), tmp_path / "repo")
    prepared = planned(root, store)
    values = _stored(prepared, aws)
    applied(prepared, root)
    said = (root / "stack.yaml").read_text()
    for pseudo, value in _PSEUDO.items():
        said = said.replace(pseudo, value)
    sources = [s for s in re.findall(r"ValueFrom: !Sub '([^']+)'", said) if "/shop/token" not in s]
    fetched = {_fetched(aws, source) for source in sources}
    fetched |= {values[path] for path in re.findall(r"""Value: ["']?(/?iac/[\w/-]+)""", said)}  # CodeBuild's
    assert fetched == set(values.values())


@pytest.mark.parametrize("store", ["aws-secretsmanager", "aws-ssm"])
def test_terraform_never_has_what_containers_fetch(store: str, aws: Moto, tmp_path: Path) -> None:
    case = Case(ROOT / f"terraform_{store}" / "containers")
    kinds = {kind for file in (case.folder / "after").glob("*.tf") for kind in _KINDS.findall(file.read_text())}
    configuration = mirror.laid_out(tmp_path / "providers", kinds)
    root = laid_out(case, tmp_path / "repo")
    clean = opened(root, tmp_path / "log", configuration, aws.environ).unformatted()
    prepared = planned(root, store)
    values = _stored(prepared, aws)
    applied(prepared, root)
    terraform = opened(root, tmp_path / "log", configuration, aws.environ)
    assert terraform.unformatted() == clean == set()
    terraform.must("init", "-no-color", "-input=false")
    terraform.must("apply", "-no-color", "-input=false", "-auto-approve")
    assert not any(kept(root, value) for value in values.values())
    given = [values_of for _, _, values_of in terraform.given()]
    documents = [one.get("container_definitions") or one.get("container_properties") for one in given]
    sources = [s for text in documents if text for s in _sources(json.loads(text)) if "shop/token" not in s]
    fetched = {_fetched(aws, source) for source in sources}
    fetched |= {values[path] for path in re.findall(r'"(/?iac/build-[\w/-]+)"', json.dumps(given))}
    assert fetched == set(values.values())
