"""A format's own gates are looked for in its own files: by path, by how they begin, and in manifests that hold them."""


import pytest

from secretsweep import formats
from secretsweep.detect.engine import Engine
from secretsweep.model import Blob
from secretsweep.rules.load import load
from secretsweep.rules.placeholders import fill

PASSWORD = fill("${secret:14}").encode()


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return Engine(load(), tmp_path_factory.mktemp("cache"))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("home/.netrc", b"machine a.acme.io login ci password %s\n"),
        ("run", b"#!/bin/bash\nsshpass -p %s ssh web1\n"),
        ("user-data", b"\xef\xbb\xbf#!/bin/bash\nsshpass -p %s ssh web1\n"),
        ("boot", b"\r\n<powershell>\r\nnet user app %s /add\r\n</powershell>\r\n"),
        ("web/configmap.yaml", b"apiVersion: v1\nkind: ConfigMap\ndata:\n  redis.conf: |\n    requirepass %s\n"),
    ],
)
def test_it_is_found_where_its_format_is(engine: Engine, path: str, text: bytes) -> None:
    [finding] = engine.scan(Blob("", path, text % PASSWORD), [])
    assert finding.secret.reveal() == PASSWORD


def test_it_is_not_looked_for_elsewhere(engine: Engine) -> None:
    assert engine.scan(Blob("", "notes.go", b"machine a login ci password " + PASSWORD), []) == []


def test_a_format_owns_no_path_that_its_expression_does_not_match() -> None:
    head = b"x"
    paths = ("a.tf", "a/.netrc", "Dockerfile", "x.yaml", "prod-\xfc.tfvars", "x/values-prod.yaml", "a.bat", "Makefile")
    for path in paths:
        fits = formats.fitting(path)
        for fmt in formats.every():
            if hasattr(fmt, "PATHS") and not hasattr(fmt, "BEGINS") and fmt.owns(path, head):
                assert fmt.NAME in fits
            assert hasattr(fmt, "PATHS") or fmt.NAME not in fits
