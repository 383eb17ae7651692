"""Dockerfiles: a secret of the build, there while one RUN runs and in no layer.

Syntax: docs.docker.com/reference/dockerfile (RUN --mount=type=secret; `env` since frontend 1.10),
docs.docker.com/build/building/secrets.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from secretsweep import lazyre
from secretsweep.formats.dockerfile import INSTRUCTION, OPTIONS, Instruction, instructions
from secretsweep.model import REVIEW, Change, Edit, FileEdit, Refusal, Span, Spot
from secretsweep.writers import File, Tree, _fetch, _sops
from secretsweep.writers._literal import quoted
from secretsweep.writers._script import Obstacle, place, written

FORMATS = ("dockerfile",)
PARTS = True

_DIRECTIVE = lazyre.compile(rb"(?i)(?:\xef\xbb\xbf)?(?:#[ \t]*\w+[ \t]*=[^\n]*\n)*?#[ \t]*syntax[ \t]*=[ \t]*(\S+)")
_OLD = lazyre.compile(rb"docker(?:\.io/docker)?/dockerfile(?:-upstream)?:(?:0\.\d+|1\.\d)(?:[.-][\w.-]*)?")
_SET = lazyre.compile(r"(ENV|ARG)\.([A-Za-z_]\w*)\Z")
_LAYERS = "layers that were built keep it: delete the images, from registries too, and build without a cache"
_RUNS = "it is used when the image runs, or by what comes later"


class _Line(NamedTuple):
    """An instruction: its name, where its arguments begin, and the stage that it belongs to (0 before any FROM)."""

    name: str
    at: Instruction
    arguments: int
    stage: int


def rewrite(spots: Sequence[Spot], file: File, tree: Tree) -> Iterator[Change | Refusal]:
    """Each value by itself."""
    spots = yield from _sops.left(
        spots,
        "a build has no key that decrypts a file of sops",
        "mount it as a secret of the build (RUN --mount=type=secret,env={name}): sops exec-env FILE 'docker build …'",
    )
    lines = list(_lines(file.data))
    for spot in spots:
        own = next((line for line in lines if line.at.start <= spot.span.start <= line.at.end), None)
        obstacle = _objection(spot, file, own)
        found = obstacle or (own and _edits(spot, file, own, lines)) or Obstacle("no instruction holds it")
        if isinstance(found, Obstacle):
            yield Refusal(spot, found.reason, found.instead)
        else:
            yield _change(spot, file, found)


def _lines(data: bytes) -> Iterator[_Line]:
    stage = 0
    for instruction in instructions(data):
        found = INSTRUCTION.match(data, instruction.start + 3 * data.startswith(b"\xef\xbb\xbf", instruction.start))
        name = found[1].decode().upper() if found else ""
        stage += name == "FROM"
        yield _Line(name, instruction, found.end() if found else instruction.end, stage)


def _objection(spot: Spot, file: File, own: _Line | None) -> Obstacle | None:
    if not _fetch.command(spot.reference):
        return Obstacle(f"no command is known that reads {spot.reference.store}", "choose another store")
    if spot.encodings or len(spot.formats) > 1 or own is None:
        return Obstacle("the value is in a file or command inside this one", "mount it as a secret of the build")
    if _OLD.fullmatch(_frontend(file.data)):
        return Obstacle("the frontend is older than 1.10 and knows no env= of a mount", "name a newer one in # syntax=")
    if file.data[own.at.start : own.arguments].upper().startswith(b"ONBUILD"):
        return Obstacle("it runs in the builds of others", "mount a secret there")
    return None


def _frontend(data: bytes) -> bytes:
    found = _DIRECTIVE.match(data)
    return found[1] if found else b""


def _edits(spot: Spot, file: File, own: _Line, lines: Sequence[_Line]) -> tuple[str, tuple[Edit, ...]] | Obstacle:
    """The variable's name, and the edits."""
    if own.name == "RUN":
        return _in_run(spot, file.data, own)
    found = _SET.search(spot.key)
    if found is None or own.name not in ("ENV", "ARG"):
        return Obstacle(f"{own.name or 'this'} is kept in the image", "read it when the container starts")
    name = found[2]
    users = [line for line in lines if line is not own and _uses(file.data, line, name)]
    if not users and own.name == "ARG":
        return Obstacle("nothing here uses it by name", "mount it as a secret in the RUN whose program reads it")
    if not users:
        return Obstacle(
            "nothing here uses it but what the image runs", f"take it out, and give it to the container: -e {name}"
        )
    if any(line.name != "RUN" or line.stage != own.stage or line.at.start < own.at.start for line in users):
        return Obstacle(_RUNS, "mount it as a secret in the RUN that needs it, or give it to the container")
    mounts = []
    for line in users:
        at = _mount(file.data, line)
        if at is None:
            return Obstacle("the RUN that uses it has no shell, or is a here-document", "write it as a command")
        mounts.append(Edit(Span(at, at), mount(name)))
    gone = _taken_out(spot, file.data, own)
    return (name, (gone, *mounts)) if gone else Obstacle("there is no telling where its setting ends")


def _uses(data: bytes, line: _Line, name: str) -> bool:
    used = re.compile(rb"(?<!\\)\$(?:" + name.encode() + rb"\b|\{" + name.encode() + rb"\b)")
    again = re.compile(rb"(?<![\w$])" + name.encode() + rb"(?=[=\s]|\Z)")
    text = data[line.arguments : line.at.end]
    return used.search(text) is not None or (line.name in ("ENV", "ARG") and again.match(text) is not None)


def mount(name: str) -> bytes:
    return f"--mount=type=secret,id={name.lower()},env={name},required=true ".encode()


def _mount(data: bytes, line: _Line) -> int | None:
    """Where an option of a RUN goes; None for one without a shell of its own."""
    options = OPTIONS.match(data, line.arguments, line.at.body)
    start = options.end() if options else line.arguments
    plain = data[start : start + 1] != b"[" and line.at.body == line.at.end
    return line.arguments if plain else None


def _taken_out(spot: Spot, data: bytes, own: _Line) -> Edit | None:
    """The setting without the others; the whole instruction where it is the only one."""
    whole = quoted(data, spot)
    setting = re.search(rb"[ \t]*[\w.\"-]+(?:=|[ \t]+)\Z", data[own.arguments - 1 : whole.start])
    if setting is None:
        return None
    start = own.arguments - 1 + setting.start()
    before, after = data[own.arguments : max(start, own.arguments)], data[whole.end : own.at.end]
    if before.strip() or after.strip():
        following = re.match(rb"[ \t]+(?:\\[ \t]*\r?\n[ \t]*)?(?=\S)", after)
        if not before.strip() and following:
            return Edit(Span(own.arguments, whole.end + following.end()), b"")
        joint = re.search(rb"(?:[ \t]+\\[ \t]*\r?\n)?[ \t]*\Z", data[own.arguments : start])
        return Edit(Span(own.arguments + (joint.start() if joint else 0), whole.end), b"")
    newline = data.find(b"\n", whole.end, own.at.end + 1)
    return Edit(Span(own.at.start, newline + 1 if newline >= 0 else own.at.end), b"")


def _in_run(spot: Spot, data: bytes, own: _Line) -> tuple[str, tuple[Edit, ...]] | Obstacle:
    """A literal in a command: a variable that the mount sets."""
    at = _mount(data, own)
    if at is None:
        return Obstacle("a RUN without a shell, or with a here-document, expands nothing here", "write it as a command")
    name = re.sub(r"\W+", "_", PurePosixPath(spot.reference.path).name).strip("_").upper().removeprefix("RUN_")
    span = spot.literal if spot.whole else spot.span
    script = data[at : own.at.end]
    found = place(script, Span(span.start - at, span.end - at))
    if isinstance(found, Obstacle):
        return found
    text = written(found, f"${{{name}}}".encode())
    return name, (Edit(Span(at, at), mount(name)), Edit(Span(found.span.start + at, found.span.end + at), text))


def _change(spot: Spot, file: File, found: tuple[str, tuple[Edit, ...]]) -> Change:
    name, edits = found
    frontend: tuple[Edit, ...] = ()
    if not _frontend(file.data):
        start = 3 * file.data.startswith(b"\xef\xbb\xbf")
        newline = b"\r\n" if b"\r\n" in file.data else b"\n"
        frontend = (Edit(Span(start, start), b"# syntax=docker/dockerfile:1" + newline),)
    fetch = _fetch.command(spot.reference)
    return Change(
        (spot,),
        tuple(FileEdit(file.path, edit) for edit in (*frontend, *edits)),
        disposition=REVIEW,
        needs=(f'build it with BuildKit: {name}="$({fetch})" docker build --secret id={name.lower()},env={name} …',),
        warnings=(_LAYERS, *_also(spot, name)),
    )


def _also(spot: Spot, name: str) -> Iterator[str]:
    if spot.key.startswith("ENV."):
        yield f"a program that reads {name} when the container runs has to be given it there"
    if spot.key.startswith("ARG."):
        yield f"--build-arg {name} has no effect any more"
