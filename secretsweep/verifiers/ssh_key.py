"""SSH keys: whether a host that the user named takes it for a user; no session is opened, nothing is run."""

import logging
import socket
import time
from typing import TYPE_CHECKING, Any

from secretsweep.verifiers import Answer, Asked, Beside, Line, NoAnswer, _keys, dead, live, unknown
from secretsweep.verifiers._addresses import Address, parsed

if TYPE_CHECKING:
    from paramiko import PKey, Transport

NAME = "ssh-key"
PROVIDER = "ssh"
LITERAL = False
RULES = (
    "private-key-openssh",
    "private-key-openssh-encrypted",
    "private-key-rsa",
    "private-key-ec",
    "private-key-pkcs8",
    "private-key-base64-pem",
    "private-key-pkcs8-encrypted",
    "private-key-pem-encrypted",
)
BESIDE = {
    "host": Beside(
        keys=r"(?i)(?:ansible_|ssh_|bastion_|jump_|public_|^|[._\]-])host(?:name)?$",
        near=r"(?i)^\s*HostName\s+(?P<value>\S+)",
        optional=True,
    ),
    "user": Beside(
        keys=r"(?i)(?:ansible_|ssh_|remote_|admin_|^|[._\]-])user(?:name)?$",
        near=r"(?i)^\s*User\s+(?P<value>[\w.-]+)\s*$",
        optional=True,
    ),
    "port": Beside(
        keys=r"(?i)(?:ansible_|ssh_)port$", pattern=r"\d{2,5}", near=r"^\s*Port\s+(?P<value>\d+)", optional=True
    ),
}
HOSTS = ()
DOCS = (
    "https://www.rfc-editor.org/rfc/rfc4252#section-7",
    "https://man.openbsd.org/sshd.8#AUTHORIZED_KEYS_FILE_FORMAT",
)
NOTE = (
    "live or unknown at a host that stands beside it, since others may take it; dead when the host was named as the "
    "only one (`--instance ssh=HOST`); known_hosts is believed; wants the extra `ssh`"
)
_ROOM = 1 << 20  # bytes that a host may send


def where(asked: Asked) -> str:
    try:
        return str(_address(asked))
    except NoAnswer:
        return ""


def verify(asked: Asked, line: Line) -> Answer:
    """One login by the key alone."""
    try:
        key, shown = _key(asked.secret.reveal())
    except _keys.Locked:
        return unknown("it is under a passphrase, which only its owner knows")
    try:
        address = _address(asked)
    except NoAnswer as trouble:
        return unknown(f"{shown}, without a passphrase; {trouble.why}")
    user = asked.beside["user"].reveal().decode("utf-8", "replace") if "user" in asked.beside else ""
    if not user:
        raise NoAnswer(f"{shown}; it takes the user that belongs to it, which was not found beside it")
    account = f"ssh {user}@{address}"
    return line.net.logins.once(
        account, asked.secret, lambda: _login(key, shown, user, address, line, bool(asked.address))
    )


def _login(key: "PKey", shown: str, user: str, address: Address, line: Line, only: bool) -> Answer:
    from paramiko import AuthenticationException, BadAuthenticationType, SSHException, Transport

    logging.getLogger("paramiko").addHandler(logging.NullHandler())  # not to standard error, where nobody asked
    who, end = str(address), time.monotonic() + line.net.total
    transport: Transport | None = None
    try:
        transport = Transport(_Capped(line.connect(address.host, address.port)))
        transport.banner_timeout = transport.handshake_timeout = transport.auth_timeout = max(
            0.1, end - time.monotonic()
        )
        transport.start_client(timeout=max(0.1, end - time.monotonic()))
        host = _host_key(transport, address)
        transport.auth_timeout = max(0.1, end - time.monotonic())
        left = transport.auth_publickey(user, key)
        if left:
            return live(who, "partial success", f"{shown}: taken for {user}, with more asked; {host}")
        return live(who, "success", f"{shown}: taken for {user}; {host}")
    except BadAuthenticationType:
        return unknown("the host takes no keys for this user", who, "publickey")
    except AuthenticationException:
        if time.monotonic() > end or not (transport and transport.is_active()):
            return unknown("the host gave no answer to the key", who)
        if only:
            return dead(who, "failure", f"{shown}: refused for {user}")
        why = (
            f"{shown}: refused for {user}; other hosts may take it, unless --instance ssh={address} says that none does"
        )
        return unknown(why, who, "failure")
    except (SSHException, OSError, EOFError, ValueError):
        raise NoAnswer("no answer that SSH knows", who) from None
    finally:
        if transport is not None:
            transport.close()


def _host_key(transport: "Transport", address: Address) -> str:
    """How the host showed who it is. NoAnswer when known_hosts knows it otherwise."""
    from pathlib import Path

    from paramiko.hostkeys import HostKeys

    key = transport.get_remote_server_key()
    shown = f"host key {key.fingerprint}"
    known = HostKeys()
    try:
        known.load(str(Path("~/.ssh/known_hosts").expanduser()))
    except (OSError, ValueError, RuntimeError):
        return f"{shown}, not known here"
    name = address.host if address.port == 22 else f"[{address.host}]:{address.port}"
    there = known.lookup(name)
    if there is None or key.get_name() not in there:
        return f"{shown}, not known here"
    if there[key.get_name()].asbytes() != key.asbytes():
        raise NoAnswer(f"the {shown} is not that of known_hosts", str(address))
    return f"{shown}, as known_hosts has it"


def _key(value: bytes) -> "tuple[PKey, str]":
    """The key, and its kind and fingerprint, which are no secrets."""
    try:
        from paramiko import ECDSAKey, Ed25519Key, PKey, RSAKey
    except ImportError:
        raise NoAnswer("it takes paramiko: pip install 'secretsweep[ssh]'") from None
    import io

    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = _keys.private_key(value)
    text = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
    kinds: tuple[Any, ...] = (Ed25519Key, RSAKey, ECDSAKey)
    for kind in kinds:
        try:
            found: PKey = kind.from_private_key(io.StringIO(text))
        except Exception:  # noqa: S112 - it is of another kind; what the library says may quote it
            continue
        return found, f"{found.get_name()} {found.fingerprint}"
    raise NoAnswer("the key is of a kind that is not known")


def _address(asked: Asked) -> Address:
    found = {name: secret.reveal().decode("utf-8", "replace") for name, secret in asked.beside.items()}
    text = asked.address or found.get("host", "")
    port = 22 if asked.address else int(found.get("port", "22"))
    if not text:
        raise NoAnswer("no host that may take it stands beside it; --instance ssh=HOST names one")
    try:
        return parsed(text, port)
    except ValueError:
        raise NoAnswer("the host beside it is none, or a template") from None


class _Capped:
    """A socket from which only so much is read."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock, self._room = sock, _ROOM

    def recv(self, size: int) -> bytes:
        if self._room <= 0:
            return b""
        data = self._sock.recv(min(size, 4096))
        self._room -= len(data)
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)
