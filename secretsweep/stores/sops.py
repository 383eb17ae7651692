"""sops: values in an encrypted file of the repository itself, for teams without a server.

The last part of a path is a key, the parts before it are the file: `secrets/shop/db-password` is the key `db-password`
of `secrets/shop.enc.yaml`, or of what is there already. Whom it is encrypted for is what sops is configured for:
`.sops.yaml` or its variables. The real program does it; a value goes in by its standard input, and what comes out is
looked at before it is written: a rule that leaves the key unencrypted stops it. An existing file keeps its other keys
and comments, for sops edits it. It holds text alone, and nothing beside a value: the history says who put it there.

https://getsops.io/docs/
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from secretsweep.errors import StoreError
from secretsweep.model import Reference, Secret
from secretsweep.stores import Options, Taken, _names, _sops_config, _sops_program
from secretsweep.stores._sops_config import Keys

NAME = "sops"
NEEDS = ""
TEMPLATE = "secrets/{dir}/{name}"
LONGEST = 200  # characters: a name of a file has 255 at most
_ODD = re.compile(r"[^A-Za-z0-9/_.-]+")
_SEALED = re.compile(r"ENC\[AES256_GCM,data:[^,\]]+,iv:[^,\]]+,tag:[^,\]]+,type:str\]")


def fitted(path: str) -> str:
    """Letters, digits, `/`, `_`, `.` and `-`; no dot in the last part, which would be a level of the file."""
    *folders, key = _names.segments(path, _ODD, LONGEST).split("/")
    key = re.sub(r"[.-]+", lambda odd: odd[0] if "." not in odd[0] else "-", key).strip("-")
    key = re.sub(r"\Asops_|_unencrypted\Z", lambda meant: meant[0].replace("_", "-"), key)  # sops has a use for these
    return "/".join((*folders, "key" if key == "sops" else key))


def reference(path: str, options: Options) -> Reference:
    """The file's ending is what the tree has or its rules want; nobody is asked."""
    base, _, key = path.rpartition("/")
    base = base or "secrets"
    suffix = _sops_config.named(Path(_root(options), base), os.environ)
    return Reference(NAME, base + suffix, key)


def connected(options: Options, environ: Mapping[str, str]) -> "Sops":
    """The program itself, with the user's environment."""
    return Sops(options, {**os.environ, **environ})


def grants(references: Sequence[Reference]) -> str:
    """Which files readers must have a key for."""
    files = sorted({reference.path for reference in references})
    return "\n".join(f"{file}: one of the keys that can decrypt it, and the program sops" for file in files)


def notes(references: Sequence[Reference], options: Options, environ: Mapping[str, str]) -> Iterator[str]:
    """Which files are written, and who will be able to read them."""
    for path in sorted({reference.path for reference in references}):
        file = Path(_root(options), path)
        document = _document(file, path)
        keys = _sops_config.of_new(file, environ) if document is None else _metadata(document, path)
        what = "is made" if document is None else "gets the values"
        if keys is None or not keys.who:
            yield f"{path} {what}; {_sops_program.NO_KEY}"
        else:
            yield f"{path} {what}: commit it. It can be decrypted by {', '.join(keys.who)} (so says {keys.source})"


class Sops:
    """Files below the tree."""

    def __init__(self, options: Options, environ: Mapping[str, str]) -> None:
        self._program = _sops_program.Program(environ)
        self._root = _root(options)
        self._url = options.url
        self._environ = environ
        self._tried: set[str] = set()

    def get(self, reference: Reference) -> Secret | None:
        """Taken where the key holds something that is no encrypted text."""
        document = self._read(reference.path)
        if document is None or reference.field not in document:
            return None
        if not _sealed(document[reference.field]):
            raise Taken
        file = self._file(reference.path)
        return self._program.opened(file, file.read_bytes(), reference.field)

    def create(self, reference: Reference, secret: Secret, about: Mapping[str, str]) -> None:
        path, key = reference.path, reference.field
        file = self._file(path)
        before = file.read_bytes() if file.is_file() else None
        if key in (self._read(path) or {}):
            raise Taken
        _sops_program.replace(file, before, self._sealing(reference, before, secret))

    def advance(self, reference: Reference, old: Secret, new: Secret) -> None:
        """The older value is in git's history, encrypted, as far as it was committed."""
        if self.get(reference) != old:
            raise Taken
        file = self._file(reference.path)
        before = file.read_bytes()
        _sops_program.replace(file, before, self._sealing(reference, before, new))

    def resolved(self, reference: Reference) -> Reference:
        """As it is. Once a file it is tried whether values can be encrypted for it and read: plans say so early."""
        path, file = reference.path, self._file(reference.path)
        if path not in self._tried and reference.field not in (self._read(path) or {}):
            self._sealing(reference, file.read_bytes() if file.is_file() else None, Secret(b"trial"))
            self._tried.add(path)
        return reference

    def close(self) -> None:
        """Nothing is open."""

    def _sealing(self, reference: Reference, before: bytes | None, secret: Secret) -> bytes:
        """The file as it will be: the value is in it, encrypted, and can be read."""
        path, key = reference.path, reference.field
        file = self._file(path)
        if before is None:
            after = self._program.encrypted(file, key, secret)
        else:
            after = self._program.added(file, before, key, secret)
        new = _sops_config.load(after)
        if not isinstance(new, dict) or not _sealed(new.get(key)):
            why = f"the rules of sops leave {key} of {path} unencrypted (encrypted_regex, …_suffix)"
            raise StoreError(f"{NAME}: {why}: nothing was written; add a rule for it, or choose with --path-template")
        if self._program.opened(file, after, key, secret) != secret:
            raise StoreError(f"{NAME}: {reference}: what sops made reads back differently; nothing was written")
        return after

    def _read(self, path: str) -> dict[str, Any] | None:
        """The file's keys; None when it is not there. Whoever will be asked for its keys is one of the user's own."""
        file = self._file(path)
        document = _document(file, path)
        keys = _metadata(document, path) if document is not None else _sops_config.of_new(file, self._environ)
        named = (self._url, self._environ.get("VAULT_ADDR", ""), *self._environ.get("SOPS_VAULT_URIS", "").split(","))
        own = {_origin(url.strip()) for url in named}
        for server in keys.servers if keys else ():
            if _origin(server) not in own:
                raise StoreError(
                    f"{NAME}: {keys.source if keys else path} would have your Vault token sent to {server}: "
                    "name it with --url or VAULT_ADDR, when it is yours"
                )
        return document

    def _file(self, path: str) -> Path:
        """Inside the tree, whatever links are there."""
        file = self._root / path
        inside = file.parent.resolve().is_relative_to(self._root.resolve())
        if not inside or file.is_symlink():
            raise StoreError(f"{NAME}: {path}: a link leads out of the tree; choose another file with --path-template")
        return file


def _document(file: Path, path: str) -> dict[str, Any] | None:
    """What the file holds; None when it is not there. StoreError when it is not encrypted."""
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"{NAME}: {path}: cannot be read: {error.strerror}") from None
    document = _sops_config.load(data)
    if not isinstance(document, dict) or not isinstance(document.get("sops"), dict) or "mac" not in document["sops"]:
        why = "is there, and is no file of one document that sops has encrypted"
        raise StoreError(f"{NAME}: {path}: {why}: encrypt it first, or choose another file with --path-template")
    return document


def _metadata(document: Mapping[str, Any], path: str) -> Keys:
    return _sops_config.of_file(document["sops"], path)


def _sealed(held: object) -> bool:
    return isinstance(held, str) and _SEALED.fullmatch(held) is not None


def _root(options: Options) -> Path:
    return Path(options.tree or os.getcwd())


def _origin(url: str) -> tuple[str, str]:
    split = urlsplit(url)
    return split.scheme, split.netloc.lower()
