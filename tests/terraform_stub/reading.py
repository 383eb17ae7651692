"""Data sources and ephemeral blocks read the real thing: OpenBao, moto, and files of sops."""

import json
import os
import subprocess
from typing import Any

FIXED = {
    "aws_partition": {"partition": "aws"},
    "aws_region": {
        "region": os.environ.get("AWS_DEFAULT_REGION", ""),
        "name": os.environ.get("AWS_DEFAULT_REGION", ""),
    },
    "aws_caller_identity": {"account_id": "123456789012"},
}


def read(kind: str, given: dict[str, Any], provider: dict[str, Any]) -> dict[str, Any]:
    """What a type reads with these arguments; an empty answer for types that are not known."""
    if kind in ("vault_kv_secret_v2", "vault_kv_secret", "vault_generic_secret"):
        return _vault(kind, given, provider)
    if kind == "aws_secretsmanager_secret_version":
        found = _aws("secretsmanager").get_secret_value(SecretId=given["secret_id"], VersionStage="AWSCURRENT")
        return {"secret_string": found["SecretString"], "version_id": found["VersionId"], "arn": found["ARN"]}
    if kind == "aws_secretsmanager_secret":
        return {"arn": _aws("secretsmanager").describe_secret(SecretId=given["name"])["ARN"]}
    if kind == "aws_ssm_parameter":
        name = given.get("name") or "/" + given["arn"].partition(":parameter/")[2]
        found = _aws("ssm").get_parameter(Name=name, WithDecryption=True)["Parameter"]
        return {"value": found["Value"], "type": found["Type"], "arn": found["ARN"], "name": name}
    if kind == "sops_file":
        command = ("sops", "decrypt", "--output-type", "json", given["source_file"])
        raw = subprocess.run(command, capture_output=True, check=True).stdout.decode()
        return {"raw": raw, "data": json.loads(raw)}
    return dict(FIXED.get(kind, {}))


def _vault(kind: str, given: dict[str, Any], provider: dict[str, Any]) -> dict[str, Any]:
    import hvac

    url = provider.get("address") or os.environ["VAULT_ADDR"]
    client = hvac.Client(url=url, token=provider.get("token") or os.environ.get("VAULT_TOKEN"))
    if kind == "vault_kv_secret_v2":
        found = client.secrets.kv.v2.read_secret_version(
            given["name"], mount_point=given["mount"], raise_on_deleted_version=True
        )
        data = found["data"]["data"]
    else:
        mount, _, path = given["path"].partition("/")
        data = client.secrets.kv.v1.read_secret(path, mount_point=mount)["data"]
    return {"data": {name: str(value) for name, value in data.items()}}


def _aws(service: str) -> Any:
    import boto3

    return boto3.client(service)
