"""What git-filter-repo leaves as it was: notes (named after the commits they are about), tags of anything but commits,
refs that point at files and trees, names of refs, replace refs."""

import os
import re
from collections.abc import Callable, Iterable, Mapping

from secretsweep.git import mirror as mirrors
from secretsweep.git.catfile import CatFile
from secretsweep.git.repository import Repository

_SIGNATURE = re.compile(rb"^-----BEGIN (?:PGP|SSH|SIGNED) (?:SIGNATURE|MESSAGE)-----$.*", re.MULTILINE | re.DOTALL)
_REPLACED = "refs/replace/"
_NOTES = "refs/notes/"


class Finisher:
    """Objects rewritten one by one, by tables of old ids and new ones."""

    def __init__(
        self,
        mirror: Repository,
        commits: Mapping[str, str],
        blobs: Mapping[str, str],
        messages: Mapping[str, bytes],
        text: Callable[[bytes], bytes],
    ) -> None:
        self._mirror = mirror
        self._new = {**blobs, **commits}
        self._messages = messages
        self._text = text
        self._cat = CatFile(mirror.git)

    def finish(self) -> None:
        """Bring every ref to objects without a value, under names without one."""
        try:
            moves: list[tuple[str, str]] = []
            listed = self._mirror.git.run("for-each-ref", "--format=%(objectname) %(refname)")
            notes = []
            named = [line.split(b" ", 1) for line in listed.split(b"\n") if line]
            for oid, name in named:
                if name.startswith(_NOTES.encode()):
                    notes.append((name, oid.decode()))
                else:
                    moves += self._moves(name, oid.decode(), self._object(oid.decode(), name))
            for name, tip in notes:
                moves += self._moves(name, tip, self._notes(tip))
            head = self._mirror.git.text("symbolic-ref", "--quiet", "HEAD", fails=False)
            mirrors.moved(self._mirror, sorted(moves, key=lambda move: bool(move[1])))
            if head and (new := os.fsdecode(self._text(os.fsencode(head)))) != head:
                self._mirror.git.run("symbolic-ref", "HEAD", new)
        finally:
            self._cat.close()

    def _moves(self, name: bytes, old: str, new: str) -> Iterable[tuple[str, str]]:
        wanted = os.fsdecode(self._text(name))
        shown = os.fsdecode(name)
        if wanted.startswith(_REPLACED):
            replaced = wanted.removeprefix(_REPLACED)
            wanted = _REPLACED + self._new.get(replaced, replaced)
        if wanted != shown:
            return [(shown, ""), (wanted, new)]
        return [(shown, new)] if new != old else []

    def _object(self, oid: str, ref: bytes = b"") -> str:
        """The id of what takes its place."""
        if oid in self._new:
            return self._new[oid]
        item = self._cat.get(oid)
        if item.type == "tag":
            new = self._tag(oid, item.data, ref)
        elif item.type == "tree":
            new = self._tree(item.data)
        else:
            new = oid
        if new != oid:
            self._new[oid] = new
        return new

    def _tag(self, oid: str, data: bytes, ref: bytes) -> str:
        head, _, message = data.partition(b"\n\n")
        lines = head.split(b"\n")
        target = lines[0].removeprefix(b"object ").decode()
        lines[0] = b"object " + self._object(target).encode()
        lines[1:] = [self._text(line) for line in lines[1:]]
        said = self._messages.get(oid, self._text(message))
        new = b"\n".join(lines) + b"\n\n" + said
        if new == data:
            return oid
        return mirrors.made(self._mirror, "tag", b"\n".join(lines) + b"\n\n" + _SIGNATURE.sub(b"", said))

    def _tree(self, data: bytes) -> str:
        entries = []
        at = 0
        while at < len(data):
            nul = data.index(b"\0", at)
            mode, _, name = data[at:nul].partition(b" ")
            oid = data[nul + 1 : nul + 21].hex()
            at = nul + 21
            entries.append((mode, self._text(name), self._object(oid) if mode != b"160000" else oid))
        return self._made(entries)

    def _made(self, entries: Iterable[tuple[bytes, bytes, str]]) -> str:
        """A tree, in git's order: folders as if their names ended with a slash."""
        ordered = sorted(entries, key=lambda e: e[1] + (b"/" if e[0] == b"40000" else b""))
        data = b"".join(mode + b" " + name + b"\0" + bytes.fromhex(oid) for mode, name, oid in ordered)
        return mirrors.made(self._mirror, "tree", data)

    def _notes(self, tip: str) -> str:
        """A history of notes, each note under the new id of what it is about."""
        git = self._mirror.git
        for commit in git.text("rev-list", "--topo-order", "--reverse", tip).split():
            head, _, message = self._cat.get(commit).data.partition(b"\n\n")
            tree, *others = head.split(b"\n")
            old = tree.removeprefix(b"tree ").decode()
            lines = [b"tree " + self._noted(old).encode()]
            for line in others:
                if line.startswith(b"parent "):
                    line = b"parent " + self._object(line[7:].decode()).encode()
                lines.append(self._text(line))
            new = b"\n".join(lines) + b"\n\n" + self._messages.get(commit, self._text(message))
            if new != head + b"\n\n" + message:
                self._new[commit] = mirrors.made(self._mirror, "commit", _unsigned(new))
        return self._new.get(tip, tip)

    def _noted(self, tree: str) -> str:
        """A tree of notes: `ab/cd…` or `abcd…`, in as many folders as before."""
        below: dict[bytes, object] = {}
        same = True
        for entry in self._mirror.git.run("ls-tree", "-r", "-z", "--full-tree", tree).split(b"\0"):
            about, _, path = entry.partition(b"\t")
            if not about:
                continue
            mode, _, oid = about.split(b" ")
            blob = self._object(oid.decode()) if mode != b"160000" else oid.decode()
            name = self._renamed(path)
            same = same and name == path and blob == oid.decode()
            *folders, last = name.split(b"/")
            node = below
            for folder in folders:
                node = node.setdefault(folder, {})  # type: ignore[assignment]
            node[last] = (mode, blob)
        return tree if same else self._nested(below)

    def _renamed(self, path: bytes) -> bytes:
        about = path.replace(b"/", b"").decode("latin-1")
        new = self._new.get(about)
        if new is None:
            return self._text(path)
        parts = []
        for part in path.split(b"/"):
            parts.append(new[: len(part)].encode())
            new = new[len(part) :]
        return b"/".join(parts)

    def _nested(self, node: dict[bytes, object]) -> str:
        entries: list[tuple[bytes, bytes, str]] = []
        for name, content in node.items():
            if isinstance(content, dict):
                entries.append((b"40000", name, self._nested(content)))
            elif isinstance(content, tuple):
                entries.append((content[0].lstrip(b"0"), name, content[1]))
        return self._made(entries)


def _unsigned(commit: bytes) -> bytes:
    """Without signatures, which do not fit any more."""
    return re.sub(rb"(?m)^gpgsig(?:-sha256)? .*\n(?: .*\n)*", b"", commit.partition(b"\n\n")[0] + b"\n") + (
        b"\n" + commit.partition(b"\n\n")[2]
    )
