"""The program sops: which command does what, and what to do about what it says.

A value goes in by standard input, what comes back is bytes. Options: `sops encrypt|set|decrypt --help` of 3.11.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from secretsweep import tools
from secretsweep.errors import StoreError
from secretsweep.model import Secret
from secretsweep.stores import _sops_config

_SAID = 400  # characters of what sops says
_INSTALL = "install sops 3.11 or later (https://getsops.io), and have it on PATH"
NO_KEY = (
    "nothing says whom to encrypt for: write creation_rules into .sops.yaml at the top of the repository, or set "
    "SOPS_AGE_RECIPIENTS (`age-keygen -o key.txt` makes a key, and says its recipient), SOPS_KMS_ARN or SOPS_VAULT_URIS"
)
_LOCKED = (
    "no key here opens it: set SOPS_AGE_KEY_FILE to the file of a recipient's key, or log in to the KMS that its keys "
    "are of"
)


class Program:
    """sops with a user's environment; started where a file is, for it looks for its rules from there up."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._path = tools.found("sops")
        if not self._path:
            raise StoreError(f"sops: the program is not installed: {_INSTALL}")
        self._environ = environ

    def encrypted(self, file: Path, key: str, secret: Secret) -> bytes:
        """A new file with one key."""
        given = f"{{{json.dumps(key)}: {_text(file, secret)}}}"
        kinds = ("--input-type", "json", "--output-type", _kind(file))
        return self._ask(file, ("encrypt", "--filename-override", str(file), *kinds), given.encode(), secret)

    def added(self, file: Path, before: bytes, key: str, secret: Secret) -> bytes:
        """The file with one key more: sops edits a copy of what is encrypted."""
        folder = tempfile.mkdtemp(prefix="secretsweep-")
        try:
            copy = Path(folder, file.name)
            copy.write_bytes(before)
            kinds = ("--input-type", _kind(file), "--output-type", _kind(file))
            command = ("set", "--value-stdin", *kinds, str(copy), f'["{key}"]')
            self._ask(file, command, _text(file, secret).encode(), secret)
            return copy.read_bytes()
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def opened(self, file: Path, data: bytes, key: str, secret: Secret | None = None) -> Secret:
        """The value in an encrypted text; `secret` is what an error must not say."""
        kinds = ("--input-type", _kind(file), "--output-type", _kind(file))
        command = ("decrypt", "--filename-override", str(file), *kinds, "--extract", f'["{key}"]')
        return Secret(self._ask(file, command, data, secret))

    def _ask(self, file: Path, command: Sequence[str], given: bytes, secret: Secret | None) -> bytes:
        folder = str(_sops_config.standing(file))
        answer = tools.answer(folder, (self._path, *command), given, self._environ)
        if answer.code == 0:
            return answer.out
        raise StoreError(f"sops: {file.name}: {_explained(answer.said, secret)}")


def _text(file: Path, secret: Secret) -> str:
    """The value as JSON, which sops takes."""
    try:
        return json.dumps(secret.reveal().decode())
    except UnicodeDecodeError:
        pass
    raise StoreError(f"sops: {file.name}: a value is no text: encrypt it as a binary file of its own")


def _explained(said: str, secret: Secret | None) -> str:
    """What sops says, or what to do about it."""
    if "no keys provided" in said:
        return NO_KEY
    if "no matching creation rules" in said:
        return "no creation rule of .sops.yaml is for it: add one, or choose another file with --path-template"
    if "not defined: -value-stdin" in said:
        return f"this sops is too old to take a value by its standard input: {_INSTALL}"
    text = " ".join(said.split())
    text = (secret.masked_in(text) if secret else text)[:_SAID]
    return f"{_LOCKED}; sops says: {text}" if "data key required to decrypt" in said else f"sops says: {text}"


def _kind(file: Path) -> str:
    return "json" if file.suffix == ".json" else "yaml"


def replace(file: Path, before: bytes | None, after: bytes) -> None:
    """Write a file: there is the old one or the new one, whatever happens in between. StoreError when it changed."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
        try:
            with os.fdopen(descriptor, "wb") as out:
                out.write(after)
                out.flush()
                os.fsync(out.fileno())
            os.chmod(temporary, file.stat().st_mode & 0o777 if before is not None else 0o666 & ~_umask())
            if (file.read_bytes() if file.exists() else None) != before:
                raise StoreError(f"sops: {file}: the file changed in between; nothing was written to it")
            os.replace(temporary, file)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"sops: {file}: cannot be written: {error.strerror}") from None


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
