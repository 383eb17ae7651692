"""Fingerprints: the same on every machine and clone, from the value alone, never a fast hash that leaves here."""

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from secretsweep.model import Secret

KEY = "SECRETSWEEP_KEY"
_MANY = 16  # values for which threads are worth starting


class Fingerprints:
    """scrypt salted with the repository's identity, or an HMAC under SECRETSWEEP_KEY.

    The slow hash is computed once a credential and remembered in the user's cache, under an HMAC whose random key
    never leaves this machine.
    """

    def __init__(self, identity: bytes, cache: Path | None) -> None:
        self._salt = b"secretsweep/1:" + identity
        self._key = os.environ.get(KEY, "").encode()
        self._file = cache / "fingerprints.json" if cache else None
        self._local = _local_key(cache) if cache else os.urandom(32)
        self._known: dict[str, str] = {}
        self._new = False
        if self._file is not None:
            try:
                known = json.loads(self._file.read_text())
                self._known = {str(k): str(v) for k, v in known.items()}
            except (OSError, ValueError, AttributeError):
                pass

    def of(self, secret: Secret) -> str:
        """32 hex digits."""
        if self._key:
            return secret.keyed(self._key)
        name = secret.keyed(self._local + self._salt)
        found = self._known.get(name)
        if found is None:
            found = self._known[name] = secret.fingerprint(self._salt)
            self._new = True
        return found

    def learn(self, secrets: Iterable[Secret]) -> None:
        """Compute those of many values at once, on all cores: scrypt lets other threads run."""
        if self._key:
            return
        names = {secret.keyed(self._local + self._salt): secret for secret in secrets}
        new = {name: secret for name, secret in names.items() if name not in self._known}
        if len(new) < _MANY:
            return
        from concurrent.futures import ThreadPoolExecutor  # 12 ms, which a small scan has not

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            self._known.update(zip(new, pool.map(lambda s: s.fingerprint(self._salt), new.values()), strict=True))
        self._new = True

    def keep(self) -> None:
        """Write what was computed; a cache that cannot be written costs time only."""
        if self._file is None or not self._new:
            return
        temporary = self._file.with_suffix(f".{os.getpid()}")
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as out:
                json.dump(dict(list(self._known.items())[-20_000:]), out)
            temporary.replace(self._file)
        except OSError:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def _local_key(cache: Path) -> bytes:
    file = cache / "local.key"
    try:
        if file.is_file():
            return file.read_bytes()
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = os.urandom(32)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(key)
        return key
    except OSError:
        return os.urandom(32)
