"""Keys and keystores without PEM: as files, in base64, and what looks like them."""

import base64
import json

import der_samples as der
import pytest

from secretsweep.detect.engine import Engine
from secretsweep.detect.gate import cache_folder
from secretsweep.model import Blob, Finding
from secretsweep.rules.load import load


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(load(), cache_folder())


KEYS = {
    "PKCS#1": (der.pkcs1(), "private-key-rsa"),
    "PKCS#1 of 1024 bits": (der.pkcs1(128), "private-key-rsa"),
    "PKCS#1 of 4096 bits": (der.pkcs1(512), "private-key-rsa"),
    "PKCS#8 with RSA": (der.pkcs8(der.RSA, der.pkcs1()), "private-key-pkcs8"),
    "PKCS#8 with EC": (der.pkcs8(der.EC, der.sec1()), "private-key-pkcs8"),
    "PKCS#8 with Ed25519": (der.pkcs8(der.ED25519, der.value(4, der.noise(32))), "private-key-pkcs8"),
    "SEC 1": (der.sec1(), "private-key-ec"),
    "encrypted": (der.encrypted(), "private-key-pkcs8-encrypted"),
    "PKCS#12": (der.pkcs12("Tr0ub4dor&3"), "keystore-pkcs12"),
    "PKCS#12 without a proof": (der.pkcs12(None), "keystore-pkcs12"),
    "PKCS#12 under changeit": (der.pkcs12("changeit"), "keystore-known-password"),
    "PKCS#12 under nothing": (der.pkcs12(""), "keystore-known-password"),
    "PKCS#12 with a bare key": (der.pkcs12(None, bag=1), "keystore-known-password"),
    "JKS": (der.jks("Tr0ub4dor&3"), "keystore-java"),
    "JKS under changeit": (der.jks("changeit"), "keystore-known-password"),
    "JCEKS with a secret key": (der.jks("x", 3, b"\xce\xce\xce\xce"), "keystore-java"),
}
NONE = {
    "a certificate": der.certificate(),
    "a public key": der.public(),
    "a PKCS#12 file of certificates": der.pkcs12("changeit", bag=3),
    "a truststore": der.jks("changeit", tag=2),
    "noise": der.noise(900),
    "the beginning of a key": der.pkcs1()[:300],
    "an empty sequence": b"\x30\0" * 400,
}


def found(engine: Engine, path: str, data: bytes) -> list[Finding]:
    return engine.scan(Blob("", path, data), [])


@pytest.mark.parametrize("name", KEYS)
def test_a_key_in_der_is_found_wherever_it_is(engine: Engine, name: str) -> None:
    data, rule = KEYS[name]
    [in_file] = found(engine, "server.key", data)
    assert (in_file.rule, in_file.span) == (rule, (0, len(data)))
    text = base64.b64encode(data)
    lines = base64.encodebytes(data)
    for path, before, written, after in (
        ("secret.yaml", b"data:\n  tls.key: ", text, b"\n"),
        ("key.txt", b"", lines.rstrip(), b"\n"),
        ("a.json", b'{"key": "', json.dumps(lines.decode().rstrip())[1:-1].encode(), b'"}'),
        ("a.yaml", b"key: |\n  ", lines.rstrip().replace(b"\n", b"\n  "), b"\nother: 1\n"),
        ("a.env", b"KEY=", text.rstrip(b"="), b"\n"),
    ):
        [one] = found(engine, path, before + written + after)
        assert (one.rule, one.secret, one.trail[0]) == (rule, in_file.secret, "base64"), path
        assert one.span.start == len(before) and one.span.end in (len(before + written), len(before + written) - 1)


@pytest.mark.parametrize("name", NONE)
def test_what_holds_no_private_key_is_clean(engine: Engine, name: str) -> None:
    assert found(engine, "server.der", NONE[name]) == []
    assert found(engine, "secret.yaml", b"data:\n  a: " + base64.b64encode(NONE[name]) + b"\n") == []
    lines = base64.encodebytes(NONE[name])
    assert found(engine, "a.pem", b"-----BEGIN CERTIFICATE-----\n" + lines + b"-----END CERTIFICATE-----\n") == []


@pytest.mark.parametrize("name", ["PKCS#1", "PKCS#8 with RSA", "SEC 1", "encrypted"])
def test_a_key_is_the_same_with_armour_and_without(engine: Engine, name: str) -> None:
    from secretsweep.decode.der import armoured, label, read

    data, rule = KEYS[name]
    outer = read(data, 0, len(data))
    assert outer
    pem = armoured(label(data, outer), data)
    [bare], [written] = found(engine, "a.der", data), found(engine, "a.pem", pem)
    assert (written.rule, written.trail) == (rule, ())
    assert bare.secret == written.secret
    [string] = found(engine, "a.json", json.dumps({"key": pem.decode()}).encode())
    assert (string.secret, string.span.start) == (bare.secret, 9)


@pytest.mark.parametrize("name", KEYS)
def test_a_key_with_one_byte_wrong_or_cut_off_raises_nothing(engine: Engine, name: str) -> None:
    data = KEYS[name][0]
    for at in range(80):
        for byte in (0x00, 0x80, 0xFF):
            found(engine, "a.der", data[:at] + bytes((byte,)) + data[at + 1 :])
        found(engine, "a.der", data[:at])
