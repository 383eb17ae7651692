"""The one place that starts programs other than git: checkers of configuration, what a user's own settings name, and
what stores are made of that have no library.

A checker is looked for on PATH. Everything is started without a shell. What a checker prints may hold what is in the
files: whoever shows it takes credentials out of it first. A credential goes in by standard input alone: arguments and
environments are shown by `ps`.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

SECONDS = 120  # one run
_SET = {"LC_ALL": "C.UTF-8", "NO_COLOR": "1", "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
_LARGEST = 1 << 16  # characters of output that are kept


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of it; `code` is -1 when it did not end in time or did not start."""

    code: int
    said: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program answered, byte for byte, and what it said beside it; `code` as in Ran."""

    code: int
    out: bytes = field(repr=False)
    said: str


@dataclass(frozen=True, slots=True)
class Printed:
    """What a program was asked for, byte for byte: it may be a password, so it is in no repr."""

    code: int
    said: bytes = field(repr=False)
    why: str = ""  # it did not end in time or did not start


def found(program: str) -> str:
    """Where a program is, whatever folder it is started in; "" when it is nowhere."""
    path = shutil.which(program)
    return os.path.abspath(path) if path else ""


def run(folder: str, command: Sequence[str]) -> Ran:
    """Start a program in a folder and wait for it."""
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=os.environ | _SET,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Ran(-1, f"did not end in {SECONDS} seconds")
    except OSError as error:
        return Ran(-1, f"did not start: {error.strerror}")
    return Ran(done.returncode, done.stdout.decode("utf-8", "replace")[:_LARGEST].strip())


def answer(folder: str, command: Sequence[str], given: bytes, environ: Mapping[str, str]) -> Answer:
    """Start a program in a folder, with an environment and an input of its own."""
    try:
        done = subprocess.run(
            command, cwd=folder, env=environ, input=given, capture_output=True, timeout=SECONDS, check=False
        )
    except (subprocess.TimeoutExpired, OSError) as error:
        why = getattr(error, "strerror", None)
        said = f"did not start: {why}" if why else f"did not end in {SECONDS} seconds"
    else:
        return Answer(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace")[:_LARGEST].strip())
    return Answer(-1, b"", said)


def printed(command: Sequence[str]) -> Printed:
    """Start a program in the current folder for what it prints. What else it says (`touch your key`) is the user's."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return Printed(-1, b"", f"did not end in {SECONDS} seconds")
    except OSError as error:
        return Printed(-1, b"", f"did not start: {error.strerror}")
    return Printed(done.returncode, done.stdout)
