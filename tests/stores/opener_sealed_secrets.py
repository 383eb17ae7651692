"""Sealed Secrets with a certificate of its own."""

from pathlib import Path

from controller import Controller
from opened import Laws

from secretsweep.stores import Options

VARIANTS = ()  # keeps nothing: see test_sealing_contract
SEALING = ("", "option")
LAWS = Laws(r"[A-Za-z0-9/_.-]+", 512, "cryptography")


def configured(variant: str, folder: Path) -> tuple[Options, dict[str, str]]:
    """Named by the environment, or by the option."""
    file = str(Controller().certificate(folder))
    return (Options(certificate=file), {}) if variant else (Options(), {"SEALED_SECRETS_CERT": file})
