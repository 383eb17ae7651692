"""Terraform on one folder, with the mirror of test doubles and a log of what they were given."""

import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple


class Terraform(NamedTuple):
    folder: Path
    log: Path
    environ: Mapping[str, str]

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        own = shutil.which("terraform")
        program = [own] if own else [sys.executable, str(Path(__file__).with_name("core.py"))]
        return subprocess.run(
            [*program, *arguments],
            cwd=self.folder,
            env=os.environ | self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def must(self, *arguments: str) -> str:
        """What a command says that must succeed."""
        done = self.run(*arguments)
        assert done.returncode == 0, f"{arguments}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def unformatted(self) -> set[str]:
        """Files that `terraform fmt` would change."""
        return set(self.run("fmt", "-check", "-list=true", "-recursive").stdout.split())

    def given(self) -> list[Any]:
        """What the providers were given: (sort, type, values)."""
        return [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []


def opened(folder: Path, log: Path, configuration: Path, environ: Mapping[str, str]) -> Terraform:
    own = {
        "TF_CLI_CONFIG_FILE": str(configuration),
        "TF_DISABLE_PLUGIN_TLS": "1",
        "TF_IN_AUTOMATION": "1",
        "CHECKPOINT_DISABLE": "1",
        "STUB_LOG": str(log),
    }
    return Terraform(folder, log, own | dict(environ))


def kept(folder: Path, value: str) -> list[str]:
    """Which of Terraform's own files in a folder hold a value, in a string's escapes or without."""
    written = {value.encode(), json.dumps(value)[1:-1].encode(), _escaped(value)}
    files = {name: folder / name for name in ("terraform.tfstate", "plan.tfplan") if (folder / name).exists()}
    return [
        f"{name} {member}"
        for name, file in files.items()
        for member, data in _members(file.read_bytes())
        if any(one in data for one in written)
    ]


def _escaped(value: str) -> bytes:
    """As Go writes JSON."""
    text = json.dumps(value, ensure_ascii=False)[1:-1]
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text.encode()


def _members(data: bytes) -> list[tuple[str, bytes]]:
    if not data.startswith(b"PK"):
        return [("", data)]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(name, archive.read(name)) for name in archive.namelist() if not name.startswith("tfconfig/")]
