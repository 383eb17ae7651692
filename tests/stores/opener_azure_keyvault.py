"""A fake of Key Vault behind TLS; who we are is a fake as well."""

import functools
import socket
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import certificates
import fake_azure
import pytest
from faking import serving
from opened import Laws, Opened

from secretsweep.model import Reference
from secretsweep.stores import Options, azure_keyvault

VARIANTS = ("",)
LAWS = Laws(r"[0-9a-z-]{1,127}", 127, "azure.identity")


class Token(NamedTuple):
    token: str
    expires_on: int


class Credential:
    """In the place of DefaultAzureCredential."""

    def get_token(self, *scopes: str, **given: Any) -> Token:
        return Token("fake", 4102444800)


@functools.cache
def _paths() -> certificates.Paths:
    return certificates.issued(Path(tempfile.mkdtemp(prefix="secretsweep-")), fake_azure.HOST)


def served(request: pytest.FixtureRequest) -> tuple[fake_azure.KeyVault, str]:
    """A fake vault, and its URL."""
    monkeypatch: pytest.MonkeyPatch = request.getfixturevalue("monkeypatch")
    fake, paths = fake_azure.KeyVault(), _paths()
    server = serving(fake, paths)
    port = server.__enter__()
    request.addfinalizer(lambda: server.__exit__(None, None, None))
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *rest, **more: real("127.0.0.1" if host == fake_azure.HOST else host, *rest, **more),
    )
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", paths.authority)
    monkeypatch.setattr("azure.identity.DefaultAzureCredential", Credential)
    return fake, f"https://{fake_azure.HOST}:{port}"


def opened(variant: str, request: pytest.FixtureRequest) -> Opened:
    fake, url = served(request)

    def about(reference: Reference) -> Mapping[str, str]:
        return dict(fake.held[reference.path][-1]["tags"])

    return Opened(
        module=azure_keyvault,
        options=Options(url=url),
        environ={},
        largest=azure_keyvault.LIMIT,
        too_large=azure_keyvault.LIMIT + 1,
        about=about,
        everything=lambda reference: repr(
            [{k: v for k, v in version.items() if k != "value"} for version in fake.held[reference.path]]
        ),
        unreachable=lambda url: (Options(url=url.replace("http:", "https:")), {}),
    )
