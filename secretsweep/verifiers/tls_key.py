"""TLS keys: whether the certificate in the same file is theirs, and over; and whether its host still has them."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from secretsweep.verifiers import Answer, Asked, Beside, Line, NoAnswer, _keys, dead, live, unknown
from secretsweep.verifiers._addresses import parsed
from secretsweep.verifiers._wire import opened, unchecked

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
    from cryptography.x509 import Certificate

NAME = "tls-key"
PROVIDER = "tls"
LITERAL = False
RULES = ("private-key-rsa", "private-key-ec", "private-key-pkcs8", "private-key-base64-pem")
BESIDE = {
    "certificate": Beside(
        keys=r"(?i)(?:tls\\?\.crt|cert(?:ificate)?(?:[_.-]?(?:pem|data|body))?)\W?$",
        pattern=r"(?s)\s*(?:-----BEGIN CERTIFICATE-----.*|LS0tLS1CRUdJTiBDRVJUSUZJQ0FUR[A-Za-z0-9+/=\s]+)",
        across=_keys.PEM,
    )
}
HOSTS = ()
DOCS = ("https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.5", "https://letsencrypt.org/docs/revoking/")
NOTE = "the hosts that its certificate names are asked on port 443, with --allow-address; wants the extra `seal`"
_HOSTS = 4  # of a certificate's names that are asked


def fits(asked: Asked) -> bool:
    """Whether a certificate is in the same file."""
    return "certificate" in asked.beside


def where(asked: Asked) -> str:
    """The first of its names."""
    try:
        names = [name for each in _keys.certificates(asked.beside["certificate"].reveal()) for name in _names(each)]
    except NoAnswer:
        return ""
    return next((f"{name}:443" for name in names), "")


def verify(asked: Asked, line: Line) -> Answer:
    """Live when a host that it names has it; dead when the time of its certificate is over."""
    try:
        key = _keys.private_key(asked.secret.reveal())
    except _keys.Locked:
        return unknown("it is under a passphrase")
    own = [each for each in _keys.certificates(asked.beside["certificate"].reveal()) if _keys.same(key, each)]
    if not own:
        return unknown("no certificate in the same file is of this key")
    newest = max(own, key=lambda each: each.not_valid_after_utc)
    told = []
    for name in _names(newest)[:_HOSTS]:
        if line.net.allowed.named(parsed(name, 443)):
            try:
                if _served(name, key, line):
                    return live(f"{name}:443", "handshake", "the host has a certificate of this key")
                told.append(f"{name} has another key")
            except NoAnswer as trouble:
                told.append(trouble.why)
    day = newest.not_valid_after_utc.date().isoformat()
    if newest.not_valid_after_utc < datetime.now(UTC):
        why = ", ".join((f"its certificate ran out on {day}", *told))
        return dead("the certificate itself", "notAfter", f"{why}; a new one of the same key would not show")
    return unknown(", ".join((f"its certificate runs until {day}", *told)))


def _served(name: str, key: "PrivateKeyTypes", line: Line) -> bool:
    from cryptography.x509 import load_der_x509_certificate

    with opened(line, name, 443) as wire:
        wire.secured(unchecked())
        try:
            return _keys.same(key, load_der_x509_certificate(wire.certificate()))
        except ValueError:
            raise NoAnswer("its certificate cannot be read", wire.who) from None


def _names(certificate: "Certificate") -> list[str]:
    """The hosts of a certificate, without those of `*`."""
    from cryptography.x509 import DNSName, ExtensionNotFound, SubjectAlternativeName

    try:
        names = certificate.extensions.get_extension_for_class(SubjectAlternativeName).value
    except (ExtensionNotFound, ValueError):
        return []
    found = []
    for name in names.get_values_for_type(DNSName):
        try:
            found.append(parsed(name).host)
        except ValueError:
            continue
    return found
