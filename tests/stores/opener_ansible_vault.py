"""ansible-vault with a password in a file."""

from pathlib import Path

from opened import Laws

from secretsweep.stores import Options

VARIANTS = ()  # keeps nothing: see test_sealing_contract
SEALING = ("", "dev")
LAWS = Laws(r"[A-Za-z0-9/_.-]+", 512, "cryptography")


def configured(variant: str, folder: Path) -> tuple[Options, dict[str, str]]:
    """With the default identity, or with a named one."""
    file = folder / "vault-password"
    file.write_bytes(b"  wh\xc3\xb6 knows \r\n")
    if not variant:
        return Options(), {"ANSIBLE_VAULT_PASSWORD_FILE": str(file)}
    return Options(vault_id=variant), {"ANSIBLE_VAULT_IDENTITY_LIST": f"prod@/nowhere, {variant}@{file}"}
