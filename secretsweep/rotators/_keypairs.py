"""Key pairs: the public half of a private key, and a new ed25519 one."""

import base64
import hashlib
import re
from typing import NamedTuple

from secretsweep.errors import RotateError
from secretsweep.model import Secret
from secretsweep.rotators._library import needed
from secretsweep.tools import ssh

EXTRA = "ssh"
_LOGIN = re.compile(r"(?P<user>[\w.][\w.-]*)@(?P<host>\w[\w.-]*|\[[0-9A-Fa-f:.%]+\])(?::(?P<port>\d{1,5}))?")


class Public(NamedTuple):
    """The half that everybody may know."""

    kind: str  # ssh-ed25519
    blob: str  # base64

    def __str__(self) -> str:
        return f"{self.kind} {self.blob}"

    @property
    def fingerprint(self) -> str:
        digest = hashlib.sha256(base64.b64decode(self.blob)).digest()
        return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def ready(driver: str) -> None:
    """UsageError or RotateError when the library or a program is missing."""
    with needed(driver, EXTRA):
        import cryptography  # noqa: F401
    if missing := ssh.missing():
        raise RotateError(f"{driver}: the program {missing} is not installed")


def login(driver: str, text: str, known_hosts: str) -> ssh.Login:
    """Of `user@host` or `user@host:port`."""
    match = _LOGIN.fullmatch(text.strip())
    if match is None:
        raise RotateError(f"{driver}: {text or '(empty)'}: wants user@host, or user@host:port")
    return ssh.Login(match["user"], match["host"].strip("[]"), int(match["port"] or 22), known_hosts)


def named(login: ssh.Login) -> str:
    return f"{login.user}@{login.host}" + (f":{login.port}" if login.port != 22 else "")


def public(driver: str, key: Secret) -> Public:
    """RotateError for what is no private key, or has a passphrase."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization as form

    text = key.reveal().strip() + b"\n"
    for load in (form.load_ssh_private_key, form.load_pem_private_key):
        try:
            half = load(text, None).public_key()
            parts = half.public_bytes(form.Encoding.OpenSSH, form.PublicFormat.OpenSSH).split()
            return Public(parts[0].decode(), parts[1].decode())
        except (ValueError, TypeError, UnsupportedAlgorithm):  # a TypeError is a passphrase that is wanted
            continue
    raise RotateError(f"{driver}: the value is no private key that can be read: damaged, or with a passphrase")


def made(old: Secret) -> Secret:
    """A new ed25519 key, which ends in a line's end where the old one does: so is what reads it used to."""
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    text = Ed25519PrivateKey.generate().private_bytes(
        form.Encoding.PEM, form.PrivateFormat.OpenSSH, form.NoEncryption()
    )
    return Secret(text.rstrip(b"\n") + b"\n" * old.reveal().endswith(b"\n"))


def tried(driver: str, key: Secret, login: ssh.Login, command: str) -> ssh.Ran | None:
    """What a command says over there; None when the key is refused. RotateError when neither can be said."""
    said = ""
    try:
        with ssh.holding(key.reveal()) as agent:
            done = ssh.run(agent, login, command)
    except ssh.NoKey as error:
        said = str(error)
    if said:
        raise RotateError(f"{driver}: {said}")
    if done.code == 255 and "Permission denied" in done.said:
        return None
    if done.code in (255, -1):
        said = " ".join(done.said.split())[:300]
        if "IDENTIFICATION HAS CHANGED" in done.said:
            said = "its host key is another one than known_hosts says: somebody may be in between"
        elif "Host key verification failed" in done.said:
            said = "its host key is not known: is it in known_hosts (--set known-hosts=FILE)?"
        raise RotateError(f"{driver}: cannot tell whether {named(login)} may be logged in to: {said}")
    return done
