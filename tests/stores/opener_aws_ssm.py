"""Parameter Store of moto, which keeps no limit of its own."""

import aws_machine
import boto3
import pytest
from engines import Moto
from opened import Laws, Opened

from secretsweep.model import Reference
from secretsweep.stores import Options, aws_ssm

VARIANTS = ("",)
LAWS = Laws(
    r"(?!(?i:/(aws|ssm)))(/[A-Za-z0-9_.-]+){1,15}",
    1011 - len("arn:aws:ssm:ap-southeast-2:123456789012:parameter"),
    "boto3",
)


def opened(variant: str, request: pytest.FixtureRequest) -> Opened:
    aws: Moto = request.getfixturevalue("aws")
    environ = aws_machine.empty(request.getfixturevalue("monkeypatch"), aws)

    def about(reference: Reference) -> dict[str, str]:
        found = boto3.client("ssm").list_tags_for_resource(ResourceType="Parameter", ResourceId=reference.path)
        return {tag["Key"]: tag["Value"] for tag in found["TagList"]}

    def everything(reference: Reference) -> str:
        named = [{"Key": "Name", "Values": [reference.path]}]
        return repr((about(reference), boto3.client("ssm").describe_parameters(ParameterFilters=named)))

    return Opened(
        module=aws_ssm,
        options=Options(),
        environ=environ,
        largest=aws_ssm.LIMIT,
        too_large=aws_ssm.LIMIT + 1,
        about=about,
        everything=everything,
        unreachable=aws_machine.unreachable(environ),
        refuses={b"{{": "take aws-secretsmanager"},
    )
