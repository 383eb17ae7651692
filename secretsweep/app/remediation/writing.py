"""Writing a file so that there is either the old one or the new one, whatever happens in between."""

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from secretsweep.errors import ApplyError


def replace(root: Path, path: str, before: bytes | None, after: bytes | None) -> None:
    """Put `after` in the place of `before` (None: no file). ApplyError when something else is there by now.

    The file's mode and owner stay; the folder is synced, so that a power cut keeps one of both.
    """
    file = root / path
    if present(file) != before:
        raise ApplyError(f"{path}: the file changed in between; nothing was written to it")
    try:
        if after is None:
            file.unlink()
        else:
            _written(file, after, before)
        _synced(file.parent)
    except OSError as error:
        raise ApplyError(f"{path}: cannot be written: {error.strerror}; it is as it was") from None


def present(file: Path) -> bytes | None:
    """What is there now; None without a regular file."""
    try:
        if file.is_symlink() or not file.is_file():
            return None
        return file.read_bytes()
    except OSError as error:
        raise ApplyError(f"{file}: cannot be read: {error.strerror}") from None


def _written(file: Path, data: bytes, before: bytes | None) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        if before is None:
            os.chmod(temporary, 0o666 & ~_umask())
        else:
            own = file.stat()
            with suppress(OSError):  # only root may give files away; a group that we are in is ours to give
                os.chown(temporary, -1, own.st_gid)
                os.chown(temporary, own.st_uid, -1)
            os.chmod(temporary, stat.S_IMODE(own.st_mode))
        if present(file) != before:
            raise ApplyError(f"{file.name}: the file changed in between; nothing was written to it")
        os.replace(temporary, file)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _synced(folder: Path) -> None:
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
