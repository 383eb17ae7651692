"""Packer builds with what a store has: the program that a remediated template starts sees the old values."""

import json
import os
import shutil
import subprocess
import urllib.request
from pathlib import Path

import pytest
from engines import OpenBao, tool
from rewrites import ROOT, Case, applied, laid_out, planned

CASE = Case(ROOT / "packer_vault" / "image")


@pytest.mark.skipif(not shutil.which("packer"), reason="packer is a package of Debian, which .ci/run installs")
def test_the_build_gets_the_values_from_the_store(bao: OpenBao, tmp_path: Path) -> None:
    root = laid_out(CASE, tmp_path / "repo")
    wanted = _built(root, {})
    prepared = planned(root, CASE.store)
    applied(prepared, root)
    passed = {}
    for reference, secret in prepared.secrets.items():
        _put(bao, reference.path, secret.reveal().decode())
        passed[f"PKR_VAR_{reference.path.rpartition('/')[2]}"] = secret.reveal().decode()
    assert len(wanted.split()) == 2
    assert _built(root, {**bao.environ, **passed}) == wanted


def _built(root: Path, environ: dict[str, str]) -> str:
    told = root / "told"
    told.unlink(missing_ok=True)
    settings = {"CHECKPOINT_DISABLE": "1", "PACKER_CONFIG_DIR": str(root.parent), **environ}
    built = subprocess.run(
        [tool("packer"), "build", "-color=false", "."],
        cwd=root,
        env={"PATH": os.environ["PATH"], **settings},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return told.read_text()


def _put(bao: OpenBao, path: str, value: str) -> None:
    body = json.dumps({"data": {"value": value}}).encode()
    headers = {"X-Vault-Token": bao.token}
    request = urllib.request.Request(f"{bao.url}/v1/secret/data/{path}", body, headers, method="POST")
    urllib.request.urlopen(request, timeout=30).close()
