"""Where the password of ansible-vault comes from, and must not come from; what the real program makes of our texts."""

import os
import subprocess
from pathlib import Path

import pytest
from engines import tool

from secretsweep.errors import StoreError, UsageError
from secretsweep.model import Secret
from secretsweep.stores import Options, ansible_vault

VALUES = ["x", "Tr0ub4dor-and-3\n", "Grüße \U0001f511", "a" * 5000, "-----BEGIN KEY-----\r\nAA==\r\n"]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def password(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text(" correct horse \n")
    return file


def _ansible(*words: str, given: bytes = b"") -> bytes:
    done = subprocess.run([tool("ansible-vault"), *words], input=given, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def _program(folder: Path, name: str, body: str) -> Path:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o755)
    return file


@pytest.mark.parametrize("name", ["", "dev"])
@pytest.mark.parametrize("value", VALUES, ids=["a character", "a newline", "unicode", "long", "CRLF"])
def test_the_real_program_decrypts_what_we_encrypt(name: str, value: str, tmp_path: Path, password: Path) -> None:
    options = Options(vault_id=f"{name}@{password}")
    text = ansible_vault.connected(options, {}).sealed(Secret(value.encode()), "")
    assert text.split("\n")[0] == ("$ANSIBLE_VAULT;1.2;AES256;dev" if name else "$ANSIBLE_VAULT;1.1;AES256")
    assert {len(line) for line in text.split("\n")[1:-1]} <= {80}
    file = tmp_path / "sealed"
    file.write_text(text + "\n")
    assert _ansible("decrypt", "--vault-id", f"dev@{password}", "--output", "-", str(file)) == value.encode()


def test_what_the_real_program_encrypts_we_decrypt(password: Path) -> None:
    text = _ansible("encrypt", "--vault-id", f"dev@{password}", "--output", "-", given=b"Tr0ub4dor-and-3\n").decode()
    assert ansible_vault.connected(Options(vault_id=f"@{password}"), {}).opened(text) == Secret(b"Tr0ub4dor-and-3\n")


def test_another_password_opens_nothing(tmp_path: Path, password: Path) -> None:
    (tmp_path / "other").write_text("other")
    text = ansible_vault.connected(Options(vault_id=f"@{password}"), {}).sealed(Secret(b"Tr0ub4dor-and-3"), "")
    with pytest.raises(StoreError, match=r"another password encrypted it than that of .*/other"):
        ansible_vault.connected(Options(vault_id=f"@{tmp_path}/other"), {}).opened(text)


def _opens(options: Options, environ: dict[str, str], password: str, tmp_path: Path) -> str:
    """The vault id that it takes, whose password must be this one."""
    (tmp_path / "expected").write_text(password)
    known = ansible_vault.connected(Options(vault_id=f"@{tmp_path}/expected"), {})
    vault = ansible_vault.connected(options, environ)
    assert known.opened(vault.sealed(Secret(b"x"), "")) == Secret(b"x")
    return vault.resolved(ansible_vault.reference("a", options)).scope


def test_a_program_prints_it(tmp_path: Path) -> None:
    program = _program(tmp_path, "pass.sh", "echo 'from a program'; echo hint >&2")
    assert _opens(Options(), {"ANSIBLE_VAULT_PASSWORD_FILE": str(program)}, "from a program", tmp_path) == "default"


def test_a_client_is_told_which_id(tmp_path: Path) -> None:
    program = _program(tmp_path, "keyring-client.sh", 'echo "$1 $2"')
    listed = {"ANSIBLE_VAULT_IDENTITY_LIST": f"prod@{program}"}
    assert _opens(Options(), listed, "--vault-id prod", tmp_path) == "prod"


def test_of_several_ids_one_is_chosen(tmp_path: Path, password: Path) -> None:
    (tmp_path / "prod").write_text("of prod")
    listed = {"ANSIBLE_VAULT_IDENTITY_LIST": f"dev@{password}, prod@{tmp_path}/prod"}
    with pytest.raises(UsageError, match="say which vault id encrypts, with --vault-id: dev, prod"):
        ansible_vault.connected(Options(), listed)
    assert _opens(Options(vault_id="prod"), listed, "of prod", tmp_path) == "prod"
    assert _opens(Options(), {**listed, "ANSIBLE_VAULT_ENCRYPT_IDENTITY": "prod"}, "of prod", tmp_path) == "prod"
    with pytest.raises(UsageError, match="no vault id test; there are dev, prod"):
        ansible_vault.connected(Options(vault_id="test"), listed)


@pytest.mark.parametrize("given", [True, False], ids=["named", "at home"])
def test_a_configuration_of_the_users_own_counts(given: bool, tmp_path: Path, password: Path) -> None:
    file = tmp_path / ("own.cfg" if given else ".ansible.cfg")
    file.write_text("[defaults]\nvault_password_file = password  ; mine\n")
    assert _opens(Options(), {"ANSIBLE_CONFIG": str(file)} if given else {}, "correct horse", tmp_path) == "default"


def test_the_configuration_of_the_current_folder_neither_runs_nor_names_anything(
    tmp_path: Path, password: Path
) -> None:
    _program(tmp_path / "work", "evil.sh", f"touch {tmp_path}/ran; echo known")
    (tmp_path / "work" / "ansible.cfg").write_text("[defaults]\nvault_password_file = evil.sh\n")
    (tmp_path / ".ansible.cfg").write_text(f"[defaults]\nvault_password_file = {password}\n")
    with pytest.raises(UsageError, match=r"the ansible\.cfg here says evil\.sh: it is not taken by itself"):
        ansible_vault.connected(Options(), {})
    assert not (tmp_path / "ran").exists()
    assert _opens(Options(), {"ANSIBLE_VAULT_PASSWORD_FILE": str(password)}, "correct horse", tmp_path) == "default"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("exit 3", "gave no password: exit code 3"),
        ("true", "the vault password is empty"),
        ("printf '$ANSIBLE_VAULT;1.1;AES256'", "is encrypted itself"),
    ],
)
def test_a_program_that_gives_none_is_told(body: str, told: str, tmp_path: Path) -> None:
    program = _program(tmp_path, "pass.sh", body)
    with pytest.raises(StoreError, match=told):
        ansible_vault.connected(Options(vault_id=f"@{program}"), {})


def test_a_file_that_is_not_there_is_told() -> None:
    with pytest.raises(StoreError, match=r"/nowhere: the vault password cannot be read: No such file"):
        ansible_vault.connected(Options(), {"ANSIBLE_VAULT_PASSWORD_FILE": "/nowhere"})


def test_nobody_is_asked_on_the_terminal() -> None:
    with pytest.raises(UsageError, match="vault id dev asks on the terminal: give a file or a program"):
        ansible_vault.connected(Options(), {"ANSIBLE_VAULT_IDENTITY_LIST": "dev@prompt"})


def test_the_password_is_in_no_repr(password: Path) -> None:
    vault = ansible_vault.connected(Options(vault_id=f"@{password}"), {})
    assert "horse" not in repr(vars(vault))
    assert os.environ.get("ANSIBLE_VAULT_PASSWORD_FILE") is None
