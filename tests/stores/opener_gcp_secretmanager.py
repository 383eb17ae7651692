"""A fake of Secret Manager; the service account is one of our own making, and Google's library signs with it."""

import functools
import json
from collections.abc import Mapping
from pathlib import Path

import fake_gcp
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from faking import serving
from opened import Laws, Opened

from secretsweep.model import Reference
from secretsweep.stores import Options, gcp_secretmanager

VARIANTS = ("",)
LAWS = Laws(r"[A-Za-z0-9_-]{1,255}", 255, "google.auth")


@functools.cache
def _key() -> str:
    key = rsa.generate_private_key(65537, 2048)
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def account(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service account of the project `shop-1`."""
    monkeypatch.delenv("GOOGLE_CLOUD_PROJECT", raising=False)
    # google-auth would ask Google in the background where this account may be used
    boundary = "CredentialsWithRegionalAccessBoundary._maybe_start_regional_access_boundary_refresh"
    monkeypatch.setattr(f"google.auth.credentials.{boundary}", lambda *arguments: None)
    file = folder / "account.json"
    said = {
        "type": "service_account",
        "project_id": "shop-1",
        "private_key_id": "1",
        "private_key": _key(),
        "client_email": "ci@shop-1.iam.gserviceaccount.com",
        "token_uri": "http://127.0.0.1:1/token",
    }
    file.write_text(json.dumps(said))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))


def served(request: pytest.FixtureRequest) -> tuple[fake_gcp.SecretManager, str]:
    """A fake, and its URL."""
    account(request.getfixturevalue("tmp_path"), request.getfixturevalue("monkeypatch"))
    fake = fake_gcp.SecretManager()
    server = serving(fake)
    port = server.__enter__()
    request.addfinalizer(lambda: server.__exit__(None, None, None))
    return fake, f"http://127.0.0.1:{port}"


def opened(variant: str, request: pytest.FixtureRequest) -> Opened:
    fake, url = served(request)

    def about(reference: Reference) -> Mapping[str, str]:
        kept = fake.secrets[reference.path]
        return {**kept.get("labels", {}), **kept.get("annotations", {})}

    return Opened(
        module=gcp_secretmanager,
        options=Options(url=url),
        environ={},
        largest=gcp_secretmanager.LIMIT,
        too_large=gcp_secretmanager.LIMIT + 1,
        about=about,
        everything=lambda reference: repr(fake.secrets[reference.path]),
        unreachable=lambda url: (Options(url=url), {}),
    )
