"""Certificates of an authority of our own, for servers that tests start."""

import datetime
import ipaddress
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Paths(NamedTuple):
    authority: str
    certificate: str
    key: str


def issued(folder: Path, *names: str) -> Paths:
    """An authority and a certificate of it for 127.0.0.1 and these names."""
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = _signed("authority", authority_key.public_key(), "authority", authority_key, True, ())
    certificate = _signed("server", key.public_key(), "authority", authority_key, False, names)
    paths = Paths(*(str(folder / name) for name in ("authority.pem", "certificate.pem", "key.pem")))
    Path(paths.authority).write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    Path(paths.certificate).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    Path(paths.key).write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


class Authority:
    """Issues certificates for any name while a test runs."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._own = _signed("authority", self._key.public_key(), "authority", self._key, True, ())
        self._leaf = ec.generate_private_key(ec.SECP256R1())

    @property
    def pem(self) -> str:
        return self._own.public_bytes(serialization.Encoding.PEM).decode()

    def issued(self, folder: Path, name: str) -> Paths:
        """A certificate for 127.0.0.1 and a name, which may be an IP address too."""
        certificate = _signed("server", self._leaf.public_key(), "authority", self._key, False, (name,))
        kind, encoding = serialization.PrivateFormat.PKCS8, serialization.Encoding.PEM
        written = {
            "authority": self.pem.encode(),
            "certificate": certificate.public_bytes(encoding),
            "key": self._leaf.private_bytes(encoding, kind, serialization.NoEncryption()),
        }
        paths = Paths(*(str(folder / f"{len(name)}-{name}-{part}.pem".replace("*", "_")) for part in written))
        for path, content in zip(paths, written.values(), strict=True):
            Path(path).write_bytes(content)
        return paths


def _signed(
    name: str,
    public: ec.EllipticCurvePublicKey,
    issuer: str,
    key: ec.EllipticCurvePrivateKey,
    authority: bool,
    names: tuple[str, ...],
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    alternatives = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), *map(x509.DNSName, names)]
    builder = (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(issuer))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(authority, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .add_extension(_usage(authority), critical=True)
    )
    if not authority:
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
    return builder.sign(key, hashes.SHA256())


def _usage(authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(not authority, False, False, False, False, authority, authority, False, False)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
