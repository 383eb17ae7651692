"""A file of the tree as a script of the tree finds it, wherever it is started: beside itself.

POSIX.1-2024, Shell Command Language, 2.5.2 (`$0`); Bash's manual, BASH_SOURCE, which is right in what is sourced, too.
"""

import shlex

from secretsweep import lazyre
from secretsweep.model import Spot
from secretsweep.writers import File, Tree, _sops
from secretsweep.writers._script import Obstacle

_SHEBANG = lazyre.compile(rb"#![ \t]*(?:/\S*/)?(?:env[ \t]+(?:-S[ \t]+)?)?(bash|sh|dash|ash)\b")
_FUNCTION = lazyre.compile(rb"(?m)^[ \t]*(?:function[ \t]+[\w.:-]+|[\w.:-]+[ \t]*\([ \t]*\))")
_MOVE = lazyre.compile(rb"(?m)(?:^|[;&|{]|(?<!\$)\(|\b(?:then|do|else)\b)[ \t]*(?:cd|pushd|popd|chdir)\b")
_HOME = lazyre.compile(  # to the script's own folder, as everybody writes it
    rb"[ \t]*cd[ \t]+(?:--[ \t]+)?\"?\$\([ \t]*dirname[ \t]+(?:--[ \t]+)?"
    rb"\"?\$(?:0|\{0\}|BASH_SOURCE|\{BASH_SOURCE(?:\[0\])?\})\"?[ \t]*\)\"?(?=[ \t]*(?:$|[;&|#\r\n]))"
)
_MACHINES = lazyre.compile(
    r"(?i)user[-_.]?data|cloud[-_.]?init|startup[-_.]?script|\.(?:tftpl|tpl|tmpl|j2|erb)$|/templates/"
)
_SENT = lazyre.compile(r"\.(?:tf|tofu|hcl)$|(?:^|/)(?:[\w.-]*\.)?(?:Docker|Container|Vagrant)file(?:\.[\w-]+)?$")
_ELSEWHERE = "let it read the value from a store that the machine can sign in to, with a role"
_SAY = "say it in the first line (#!/bin/sh), when the file is started and not read by another one"
_FIRST = "read it at the top of the script, before it goes there"


def command(spot: Spot, file: File, tree: Tree, at: int) -> str | Obstacle:
    """What reads a value of a file of sops at a place of a script that is a file of the tree."""
    if spot.formats[0] != "shell" or _MACHINES.search(f"/{file.path}"):
        return Obstacle("where it runs is neither the file of sops nor a key for it", _ELSEWHERE)
    if "shell" in spot.formats[1:]:
        return Obstacle("it is in a script inside this one, which may run anywhere", "hand it on as a variable")
    name = file.path.rpartition("/")[2].encode()
    for path in tree.paths():
        if _SENT.search(path) and name in (tree.read(path) or b""):
            return Obstacle(f"{path} sends it to where neither the file of sops nor a key for it is", _ELSEWHERE)
    shell = _SHEBANG.match(file.data)
    if shell is None:
        return Obstacle("it does not say what runs it, so it may be read by a script in another folder", _SAY)
    there = _sops.path(spot.reference, file.path.rpartition("/")[0])
    stop = len(file.data) if _FUNCTION.search(file.data) else at
    moves = list(_MOVE.finditer(file.data, 0, stop))
    if not moves:
        own = "${BASH_SOURCE[0]}" if shell[1] == b"bash" else "$0"
        return _sops.command(spot.reference, f'"$(dirname -- "{own}")/{there}"')
    if len(moves) == 1 and _HOME.match(file.data, file.data.rfind(b"\n", 0, moves[0].end()) + 1):
        return _sops.command(spot.reference, shlex.quote(there))
    return Obstacle("the script goes to another folder, and would not find the file of sops", _FIRST)
