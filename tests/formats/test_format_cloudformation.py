import contextlib
import json

import pytest
from format_laws import values
from hypothesis import example, given, settings
from hypothesis import strategies as st

from secretsweep import formats
from secretsweep.formats import cloudformation
from secretsweep.model import Blob

HEAD = b"AWSTemplateFormatVersion: '2010-09-09'\n"
REAL = (
    HEAD
    + b"""\
Parameters:
  DBPassword: {Type: String, Default: Tr0ub4dor&3-x}
Resources:
  Host:
    Type: AWS::EC2::Instance
    Metadata:
      AWS::CloudFormation::Init:
        config:
          files:
            /etc/app.json:
              content: !Sub '{"db": {"password": "Tr0ub4dor&3-x"}}'
    Properties:
      Password: !If [IsProd, !Ref DBPassword, Tr0ub4dor&3-x]
      UserData:
        Fn::Base64:
          Fn::Join: ['', ["#!/bin/bash\\n", 'export DB_PASSWORD=', 'Tr0ub4dor', !Ref X, "\\n"]]
  Parameter:
    Type: AWS::SSM::Parameter
    Properties: {Name: /db/password, Value: !Sub Tr0ub4dor}
"""
)
JSON = json.dumps(
    {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {
            "Host": {
                "Type": "AWS::EC2::Instance",
                "Properties": {
                    "UserData": {
                        "Fn::Base64": {"Fn::Join": ["", ["#!/bin/sh\n", "export A_TOKEN=", {"Ref": "X"}, "\n"]]}
                    },
                    "Password": {"Fn::Sub": "Tr0ub4dor"},
                },
            }
        },
    },
    indent=1,
).encode()


@pytest.mark.parametrize(
    ("path", "head", "owned"),
    [
        ("stack.yaml", HEAD, True),
        ("stack.json", JSON, True),
        ("net.template", HEAD, True),
        ("sam.yml", b"Transform: AWS::Serverless-2016-10-31\n", True),
        ("part.yaml", b"Resources:\n  A:\n    Type: AWS::S3::Bucket\n", True),
        ("values.yaml", b"Resources:\n  limits: x\n", False),
        ("notes.md", HEAD, False),
    ],
)
def test_templates_are_told_by_what_they_say(path: str, head: bytes, owned: bool) -> None:
    assert cloudformation.owns(path, head) is owned


@pytest.mark.parametrize(
    "value", ["!Sub 'Tr0ub4dor'", "{'Fn::Sub': Tr0ub4dor}", "!If [A, !Ref B, Tr0ub4dor]", "!Join ['', [Tr0, ub4dor]]"]
)
def test_functions_are_no_steps_of_an_address(value: str) -> None:
    data = HEAD + b"Resources:\n  A:\n    Properties:\n      Password: " + value.encode() + b"\n"
    assert values("a.yaml", data)["Resources.A.Properties.Password"] == b"Tr0ub4dor"


def test_pieces_of_a_script_are_read_together() -> None:
    found = values("a.yaml", REAL)
    assert found["Resources.Host.Properties.UserData › DB_PASSWORD"] == b"Tr0ub4dor${X}"
    assert found["Resources.Host.Properties.UserData"] == b"#!/bin/bash\nexport DB_PASSWORD=Tr0ub4dor${X}\n"


def test_references_in_json_are_no_literals() -> None:
    assert values("a.json", JSON).get("Resources.Host.Properties.UserData › A_TOKEN", b"${X}") == b"${X}"


def test_a_parameter_of_the_systems_manager_is_called_by_its_name() -> None:
    assert values("a.yaml", REAL)["Resources.Parameter.Properties./db/password"] == b"Tr0ub4dor"


@pytest.mark.parametrize(("data", "at"), [(REAL, b"Tr0ub4dor', !Ref"), (JSON, b"export A_TOKEN")])
def test_a_resource_is_all_that_a_place_depends_on(data: bytes, at: bytes) -> None:
    start, end = cloudformation.REGIONS["statement"](data, data.index(at))
    assert data[start:end].lstrip(b' "').startswith(b"Host")
    assert b"UserData" in data[start:end]
    assert b"DBPassword: {" not in data[start:end]


@settings(max_examples=300, deadline=None)
@given(
    data=st.sampled_from([REAL, JSON]),
    cut=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    noise=st.sampled_from([b"", b"!", b"[", b"{", b'"', b"!Join [", b"Fn::Join: ", b"- ", b"\n"])
    | st.binary(max_size=4),
)
@example(data=REAL, cut=(0.0, 0.0), noise=b"")
def test_mutated_templates_keep_the_laws(data: bytes, cut: tuple[float, float], noise: bytes) -> None:
    first, second = sorted(int(part * len(data)) for part in cut)
    mutated = data[:first] + noise + data[second:]
    with contextlib.suppress(formats.Unparsed):
        for unit in cloudformation.extract(Blob("", "x", mutated)):
            assert 0 <= unit.span.start <= unit.span.end <= len(mutated)
            assert unit.value


@settings(max_examples=150, deadline=None)
@given(st.from_regex(r"[A-Za-z][A-Za-z0-9!%+=.]{7,20}", fullmatch=True), st.integers(0, 20))
def test_a_value_in_two_pieces_is_one(password: str, at: int) -> None:
    pieces = json.dumps(["#!/bin/sh\n", "export DB_PASSWORD='" + password[:at], password[at:] + "'\n", "run\n"])
    data = (
        b'{"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"A": {"UserData": {"Fn::Join": ["", %s]}}}}'
        % pieces.encode()
    )
    assert values("a.json", data)["Resources.A.UserData › DB_PASSWORD"] == password.encode()
