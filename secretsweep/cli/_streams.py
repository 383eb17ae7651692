"""Standard streams that are not there: closed by the caller (`>&-`), or left by the reader (`| head`)."""

import os
import sys


def filled() -> None:
    """Let every standard stream lead somewhere, so that no file that is opened later takes the place of one."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) < 3:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


def left() -> None:
    """The reader of standard output went away: nothing more is written, and Python says nothing about it at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
