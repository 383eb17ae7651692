"""Secrets Manager of moto, which keeps no limit of its own."""

import aws_machine
import boto3
import pytest
from engines import Moto
from opened import Laws, Opened

from secretsweep.model import Reference
from secretsweep.stores import Options, aws_secretsmanager

VARIANTS = ("",)
LAWS = Laws(r"(?!.*-.{6}$)[A-Za-z0-9/_+=.@-]{1,512}", 512, "boto3")


def opened(variant: str, request: pytest.FixtureRequest) -> Opened:
    aws: Moto = request.getfixturevalue("aws")
    environ = aws_machine.empty(request.getfixturevalue("monkeypatch"), aws)

    def about(reference: Reference) -> dict[str, str]:
        found = boto3.client("secretsmanager").describe_secret(SecretId=reference.path)
        return {tag["Key"]: tag["Value"] for tag in found["Tags"]}

    def everything(reference: Reference) -> str:
        return repr(boto3.client("secretsmanager").describe_secret(SecretId=reference.path))

    return Opened(
        module=aws_secretsmanager,
        options=Options(),
        environ=environ,
        largest=aws_secretsmanager.LIMIT,
        too_large=aws_secretsmanager.LIMIT + 1,
        about=about,
        everything=everything,
        unreachable=aws_machine.unreachable(environ),
    )
