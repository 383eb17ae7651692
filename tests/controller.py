"""What the Sealed Secrets controller does with its key, in a cluster: written from its documentation, and sharing
nothing with the store but the format. github.com/bitnami-labs/sealed-secrets, docs/developer/crypto.md."""

import base64
import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_SCOPES = "sealedsecrets.bitnami.com/"


class Controller:
    """A cluster's own key."""

    @cached_property
    def key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(65537, 2048)

    def certificate(self, folder: Path, days: int = 30, other: ec.EllipticCurvePrivateKey | None = None) -> Path:
        """A file with it, valid for so many days from now on."""
        now = datetime.datetime.now(datetime.UTC)
        key: Any = other or self.key
        built = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(x509.Name([]))
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(now - datetime.timedelta(days=90))
            .not_valid_after(now + datetime.timedelta(days=days))
            .sign(key, hashes.SHA256())
        )
        file = folder / "cert.pem"
        file.write_bytes(built.public_bytes(serialization.Encoding.PEM))
        return file

    def opened(self, text: str, label: str) -> bytes:
        """One value. ValueError or InvalidTag when it is another's, or for another label."""
        data = base64.b64decode(text, validate=True)
        size = int.from_bytes(data[:2], "big")
        oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), label.encode())
        session = self.key.decrypt(data[2 : 2 + size], oaep)
        assert len(session) == 32
        return AESGCM(session).decrypt(b"\0" * 12, data[2 + size :], None)

    def made(self, sealed: dict[str, Any]) -> dict[str, Any]:
        """The Secret of a SealedSecret, values as bytes: its scope is what the SealedSecret's own annotations say."""
        metadata, spec = sealed["metadata"], sealed["spec"]
        name, namespace = metadata["name"], metadata.get("namespace", "")
        annotations = metadata.get("annotations") or {}
        label = f"{namespace}/{name}"
        if annotations.get(_SCOPES + "namespace-wide") == "true":
            label = namespace
        if annotations.get(_SCOPES + "cluster-wide") == "true":
            label = ""
        template = spec.get("template") or {}
        own = {
            key: value for key, value in (template.get("metadata") or {}).items() if key in ("labels", "annotations")
        }
        return {
            "metadata": own | {"name": name} | ({"namespace": namespace} if namespace else {}),
            **{key: template[key] for key in ("type", "immutable") if key in template},
            "data": {key: self.opened(value, label) for key, value in spec["encryptedData"].items()},
        }
