"""The password of ansible-vault, as the user's own environment names it: a file, or a program that prints it.

docs.ansible.com, Ansible Configuration Settings (DEFAULT_VAULT_PASSWORD_FILE, DEFAULT_VAULT_IDENTITY_LIST,
DEFAULT_VAULT_ENCRYPT_IDENTITY) and "Storing and accessing vault passwords". What the `ansible.cfg` of the current
folder names is not taken: it may come with a foreign repository, and so would choose a password that its author knows,
or a program that runs here.
"""

import configparser
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from secretsweep import tools
from secretsweep.errors import StoreError, UsageError
from secretsweep.model import Secret

DEFAULT = "default"
_OWN = ("~/.ansible.cfg", "/etc/ansible/ansible.cfg")
_SETTINGS = ("vault_identity_list", "vault_password_file", "vault_encrypt_identity")


class Identity(NamedTuple):
    """A vault id, and where its password comes from."""

    name: str
    source: str
    password: Secret = Secret(b"")


def found(store: str, wanted: str, environ: Mapping[str, str]) -> Identity:
    """The one that encrypts, with its password. UsageError tells what to set."""
    name, at, source = wanted.partition("@")
    chosen = Identity(name or DEFAULT, source) if at else _chosen(store, name, environ)
    return chosen._replace(password=_read(store, chosen))


def _chosen(store: str, wanted: str, environ: Mapping[str, str]) -> Identity:
    listed, file, encrypts = _settings(environ)
    known = list(_identities(listed, file))
    name = wanted or encrypts
    if not known:
        raise UsageError(
            f"--store {store}: no vault password: set ANSIBLE_VAULT_PASSWORD_FILE, or give --vault-id NAME@FILE"
            f"{_theirs()}"
        )
    fitting = [one for one in known if not name or one.name == name]
    names = ", ".join(dict.fromkeys(one.name for one in known))
    if not fitting:
        raise UsageError(f"--store {store}: no vault id {name}; there are {names}")
    if not name and len({one.name for one in fitting}) > 1:
        raise UsageError(f"--store {store}: say which vault id encrypts, with --vault-id: {names}")
    return fitting[0]


def _identities(listed: str, file: str) -> Iterator[Identity]:
    for text in filter(None, map(str.strip, listed.split(","))):
        name, at, source = text.partition("@")
        yield Identity(name or DEFAULT, source) if at else Identity(DEFAULT, text)
    if file:
        yield Identity(DEFAULT, file)


def _settings(environ: Mapping[str, str]) -> list[str]:
    """Each from the environment, else from the configuration that is the user's."""
    said = _configured(environ)
    return [environ.get(f"ANSIBLE_{name.upper()}") or said.get(name, "") for name in _SETTINGS]


def _configured(environ: Mapping[str, str]) -> dict[str, str]:
    """What a configuration of the user's own says; nothing where the current folder has one, which comes before it."""
    given = environ.get("ANSIBLE_CONFIG", "")
    if not given and os.path.exists("ansible.cfg"):
        return {}
    for name in (given,) if given else _OWN:
        file = Path(os.path.expanduser(name))
        file = file / "ansible.cfg" if file.is_dir() else file
        if told := _read_settings(file):
            if password := told.get("vault_password_file"):
                told["vault_password_file"] = str(file.parent / os.path.expanduser(password))
            return told
    return {}


def _read_settings(file: Path) -> dict[str, str]:
    parser = configparser.ConfigParser(interpolation=None, strict=False, inline_comment_prefixes=(";",))
    try:
        parser.read_string(file.read_text())
    except (OSError, ValueError, configparser.Error):
        return {}
    section = parser["defaults"] if parser.has_section("defaults") else {}
    return {name: section[name] for name in _SETTINGS if section.get(name)}


def _theirs() -> str:
    """What the configuration of the current folder says, for the user to take over."""
    said = _read_settings(Path("ansible.cfg"))
    file = said.get("vault_password_file") or said.get("vault_identity_list")
    return f" (the ansible.cfg here says {file}: it is not taken by itself; set it when it is yours)" if file else ""


def _read(store: str, identity: Identity) -> Secret:
    source = identity.source
    if source in ("prompt", "prompt_ask_vault_pass"):
        raise UsageError(f"--store {store}: vault id {identity.name} asks on the terminal: give a file or a program")
    file = Path(os.path.expanduser(source))
    if file.is_file() and os.access(file, os.X_OK):
        asks = ("--vault-id", identity.name) if file.stem.endswith("-client") else ()
        answer = tools.printed((str(file.absolute()), *asks))
        if answer.code:
            why = answer.why or f"exit code {answer.code}"
            raise StoreError(f"{store}: {source} gave no password: {why}")
        password = answer.said.strip(b"\r\n")
    else:
        try:
            password = file.read_bytes().strip()
        except OSError as error:
            raise StoreError(f"{store}: {source}: the vault password cannot be read: {error.strerror}") from None
    if not password:
        raise StoreError(f"{store}: {source}: the vault password is empty")
    if password.startswith(b"$ANSIBLE_VAULT;"):
        raise StoreError(f"{store}: {source}: the vault password is encrypted itself: give a program that decrypts it")
    return Secret(password)
