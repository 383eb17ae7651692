"""Key files are known by name and content: neither alone says so."""

import pytest
from format_laws import extract

from secretsweep.formats import owner
from secretsweep.model import Span, Unit

KEY = b"Tr0ub4dor0and1Tr0ub4dor0and1\nTr0ub4dor0==\n"


@pytest.mark.parametrize(
    "path",
    [
        "mongodb/secret",
        "roles/mongodb/files/secret",
        "k8s/mongo/mongo.key",
        "mongo-keyfile",
        "mongodb.keyfile",
        "config/keyfile",
        "docker/mongodb-key.txt",
        "mongo/replica-set-key",
    ],
)
def test_a_key_file_is_known(path: str) -> None:
    assert owner(path, KEY).NAME == "mongodb-keyfile"
    joined = b"Tr0ub4dor0and1Tr0ub4dor0and1Tr0ub4dor0=="
    assert extract(path, KEY) == [Unit(Span(0, len(KEY) - 1), "secret", joined, "block")]


@pytest.mark.parametrize(
    "path", ["mongodb/dump.b64", "certs/bundle", "mongodb/data/image.txt", "secret", "mongodb/keys.txt"]
)
def test_other_base64_is_no_key_file(path: str) -> None:
    assert owner(path, KEY).NAME != "mongodb-keyfile"


@pytest.mark.parametrize(
    "data",
    [
        b"{{ lookup('vault', 'keyfile') }}\n",
        b"-----BEGIN PRIVATE KEY-----\nTr0ub4dor0\n",
        b"a: b\nTr0ub4dor0\n",
        b"",
    ],
)
def test_what_is_no_base64_is_no_key_file(data: bytes) -> None:
    assert owner("mongodb/keyfile", data).NAME != "mongodb-keyfile"


@pytest.mark.parametrize("data", [b"Tr0u\n", b"Tr0ub4dor0and1\n" * 100, b"Tr0ub4dor0" + b"\n" * 5000])
def test_a_key_has_as_many_characters_as_the_server_takes(data: bytes) -> None:
    assert extract("mongodb/keyfile", data) == []
