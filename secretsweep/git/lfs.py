"""Git LFS: a pointer file names content that git itself does not hold."""

import re
from pathlib import Path

_POINTER = re.compile(
    rb"\Aversion https://(?:git-lfs\.github\.com/spec|"
    rb"hawser\.github\.com/spec)/v\d+\n(?:ext-.*\n)*oid sha256:([0-9a-f]{64})\n"
)
HEAD = b"version https://"
LONGEST = 1024  # bytes of a pointer, by the LFS specification


def pointed(data: bytes) -> str | None:
    """The SHA-256 of the content that a pointer file stands for; None when the file is no pointer."""
    if len(data) >= LONGEST or not data.startswith(HEAD):
        return None
    match = _POINTER.match(data)
    return match[1].decode() if match else None


def local(common_dir: Path, oid: str) -> Path | None:
    """Where the content is on this machine, if it is."""
    path = common_dir / "lfs" / "objects" / oid[:2] / oid[2:4] / oid
    return path if path.is_file() else None
