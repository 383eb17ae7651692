"""Content by object id, through one long-lived `git cat-file --batch`: 0.5 to 1 GB a CPU second."""

import subprocess
import threading
from collections.abc import Iterator
from typing import IO, NamedTuple

from secretsweep.git.command import Git, running

LARGEST = 128 << 20  # bytes of one object held in memory; what is larger is not read, and reported


_TYPES = {b"blob": "blob", b"commit": "commit", b"tag": "tag", b"tree": "tree"}


class Object(NamedTuple):
    """An object's content, or why there is none (`too-large`, `missing`, `corrupt`)."""

    oid: str
    type: str
    data: bytes
    lost: str = ""


def read(git: Git, ids: "bytes | memoryview", largest: int = LARGEST) -> Iterator[Object]:
    """The objects whose ids stand one a line in `ids`, in that order.

    An object that git cannot read (a corrupt pack) ends git; it is given as lost and the reading goes on after it.
    """
    wanted = bytes(ids)
    while wanted:
        done = 0
        process = git.start("cat-file", "--batch", "--buffer", stdin=subprocess.PIPE)
        with running(process):
            assert process.stdin is not None
            assert process.stdout is not None
            # fed by a thread: a reader that also writes would wait for itself once both pipes are full
            feeder = threading.Thread(target=_feed, args=(process.stdin, wanted), daemon=True)
            feeder.start()
            readline, take = process.stdout.readline, process.stdout.read
            while header := readline():
                if header == b"\n":  # the end of the object before: cheaper to read than to cut off
                    continue
                done += 1
                try:
                    oid, kind, size = header.split()
                    length = int(size)
                except ValueError:
                    yield _lost(header)
                    continue
                if length > largest:
                    _skip(process.stdout, length + 1)
                    yield Object(oid.decode(), kind.decode(), b"", "too-large")
                    continue
                data = take(length)
                if len(data) < length:
                    done -= 1
                    break
                yield Object(oid.decode(), _TYPES.get(kind, ""), data)
        feeder.join()
        lines = wanted.split(b"\n")
        left = [line for line in lines[done:] if line]
        if left:
            yield Object(left[0].decode(), "", b"", "corrupt")
        wanted = b"".join(line + b"\n" for line in left[1:])


def one(git: Git, name: str) -> bytes | None:
    """The content of one object by any name that git understands; None when there is none."""
    for item in read(git, name.encode("utf-8", "surrogateescape") + b"\n"):
        return None if item.lost else item.data
    return None


def _feed(stdin: IO[bytes], wanted: bytes) -> None:
    try:
        stdin.write(wanted)
        stdin.close()
    except (OSError, ValueError):
        pass  # git ended early; the reader notices


def _lost(header: bytes) -> Object:
    """An answer that is no object: `<id> missing`, or what git says of a name it does not understand."""
    name = header.split()[0].decode("utf-8", "replace") if header.split() else ""
    return Object(name, "", b"", "missing" if header.endswith(b" missing\n") else "corrupt")


def _skip(stream: IO[bytes], size: int) -> None:
    while size > 0:
        part = stream.read(min(size, 1 << 20))
        if not part:
            return
        size -= len(part)


class CatFile:
    """Objects one at a time, by id or any name that git understands, through one process."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._process = self._started()

    def get(self, name: str) -> Object:
        """The object, or a lost one. A name with a newline is none that git understands."""
        if "\n" in name:
            return Object(name, "", b"", "missing")
        found = self._asked(name)
        if found is None:  # a corrupt object ended git: the next one needs another
            self.close()
            self._process = self._started()
            return Object(name, "", b"", "corrupt")
        return found

    def close(self) -> None:
        with running(self._process):
            pass

    def _asked(self, name: str) -> Object | None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(name.encode("utf-8", "surrogateescape") + b"\n")
            self._process.stdin.flush()
        except OSError:
            return None
        header = self._process.stdout.readline()
        fields = header.split()
        if len(fields) != 3:
            return _lost(header) if header else None
        length = int(fields[2])
        data = self._process.stdout.read(length + 1)
        return Object(fields[0].decode(), fields[1].decode(), data[:-1]) if len(data) > length else None

    def _started(self) -> "subprocess.Popen[bytes]":
        return self._git.start("cat-file", "--batch", stdin=subprocess.PIPE)
