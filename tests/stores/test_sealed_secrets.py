"""What is sealed is what the controller's algorithm opens: with its key alone, and for one label alone."""

from pathlib import Path

import pytest
from controller import Controller
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from test_store_contract import VALUES

from secretsweep.errors import StoreError, UsageError
from secretsweep.model import Secret
from secretsweep.stores import Options, sealed_secrets


@pytest.fixture(scope="module")
def controller() -> Controller:
    return Controller()


@pytest.mark.parametrize("label", ["shop/db", "shop", ""])
@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_the_controller_opens_every_byte(controller: Controller, value: bytes, label: str, tmp_path: Path) -> None:
    sealer = sealed_secrets.connected(Options(certificate=str(controller.certificate(tmp_path))), {})
    text = sealer.sealed(Secret(value), label)
    assert "\n" not in text
    assert controller.opened(text, label) == value
    with pytest.raises((ValueError, InvalidTag)):
        controller.opened(text, label + "x")
    with pytest.raises((ValueError, InvalidTag)):
        Controller().opened(text, label)


@pytest.mark.parametrize("url", ["https://example.com/v1/cert.pem", "HTTP://127.0.0.1/v1/cert.pem"])
def test_a_certificate_is_not_fetched(url: str) -> None:
    with pytest.raises(UsageError, match=r"is read from a file, so that you see whose; `kubeseal --fetch-cert"):
        sealed_secrets.connected(Options(), {"SEALED_SECRETS_CERT": url})


def test_what_is_no_certificate_to_seal_with_is_told(controller: Controller, tmp_path: Path) -> None:
    def refused(file: Path, told: str) -> None:
        with pytest.raises(StoreError, match=told):
            sealed_secrets.connected(Options(certificate=str(file)), {})

    refused(tmp_path / "nowhere", "cannot be read: No such file")
    (tmp_path / "text").write_text("no certificate")
    refused(tmp_path / "text", "not a certificate in PEM")
    refused(controller.certificate(tmp_path, days=-1), r"expired on \d{4}-\d\d-\d\d")
    refused(controller.certificate(tmp_path, other=ec.generate_private_key(ec.SECP256R1())), "keys are RSA")


def test_the_option_goes_before_the_environment(controller: Controller, tmp_path: Path) -> None:
    file = str(controller.certificate(tmp_path))
    assert sealed_secrets.connected(Options(certificate=file), {"SEALED_SECRETS_CERT": "/nowhere"})
