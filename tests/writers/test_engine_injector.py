"""What Vault's Agent puts into the file of an annotation is what the container's own script exports, byte by byte.

The agent of OpenBao reads the same templates. The injector itself needs a cluster, and is not run.
"""

import os
import subprocess
from pathlib import Path
from typing import Any

import hvac
import pytest
import yaml
from engines import OpenBao, tool
from rewrites import ROOT

HEAD = "vault.hashicorp.com/agent-inject-"
VALUE = 'it\'s "$(id)" `\\n` $HOME \\ 100% {{ . }}\nand a line, with ü'
_AGENT = """\
exit_after_auth = true
pid_file = "{pid}"
vault {{
  address = "{url}"
}}
auto_auth {{
  method {{
    type = "token_file"
    config = {{ token_file_path = "{token}" }}
  }}
}}
template {{
  destination = "{target}"
  contents = <<EOT
{contents}
EOT
}}
"""


def workloads(folder: Path) -> list[dict[str, Any]]:
    """Pods' templates of a tree by their containers."""
    documents = yaml.safe_load_all((folder / "shop.yaml").read_text())
    found = []
    for document in documents:
        spec = document["spec"]
        template = spec["jobTemplate"]["spec"]["template"] if "jobTemplate" in spec else spec["template"]
        found.append(template)
    return found


def rendered(bao: OpenBao, contents: str, folder: Path) -> bytes:
    """A file as the agent writes it."""
    token, target, config = folder / "token", folder / "out", folder / "agent.hcl"
    token.write_text(bao.token)
    config.write_text(
        _AGENT.format(pid=folder / "pid", url=bao.url, token=token, target=target, contents=contents.rstrip("\n"))
    )
    done = subprocess.run(
        [tool("bao"), "agent", f"-config={config}"], capture_output=True, text=True, timeout=60, check=False
    )
    assert target.exists(), done.stdout + done.stderr
    return target.read_bytes()


@pytest.mark.parametrize("value", ["Tr0ub4dor-and-3", VALUE])
def test_the_script_of_a_container_has_the_value_from_the_store(bao: OpenBao, tmp_path: Path, value: str) -> None:
    client = hvac.Client(bao.url, bao.token)
    stubs = tmp_path / "bin"
    stubs.mkdir()
    for name in ("migrate", "serve", "proxy", "backup"):
        stub = stubs / name
        stub.write_text('#!/bin/sh\nenv -0 > "$OUT"\n')
        stub.chmod(0o755)
    seen = 0
    for template in workloads(ROOT / "kubernetes_vault" / "injector" / "after"):
        annotations = template["metadata"]["annotations"]
        for container in template["spec"]["containers"]:
            contents = annotations.get(f"{HEAD}template-{container['name']}-env")
            if contents is None:
                continue
            names = [line.split("=")[0].removeprefix("export ") for line in contents.splitlines() if "export " in line]
            for number, path in enumerate(
                line.split('"')[1] for line in contents.splitlines() if "with secret" in line
            ):
                inner = path.removeprefix("secret/data/")
                client.secrets.kv.v2.create_or_update_secret(inner, {"value": f"{value}{number}"}, mount_point="secret")
            folder = tmp_path / container["name"]
            folder.mkdir()
            (folder / f"{container['name']}-env").write_bytes(rendered(bao, contents, folder))
            words = [*container["command"], *container.get("args", ())]
            words = [word.replace("/vault/secrets/", f"{folder}/") for word in words]
            environ = {"PATH": f"{stubs}:{os.environ['PATH']}", "OUT": str(folder / "env")}
            subprocess.run(words, env=environ, check=True, timeout=30)
            got = dict(line.split(b"=", 1) for line in (folder / "env").read_bytes().split(b"\0") if line)
            assert {n: got[n.encode()].decode() for n in names} == {n: f"{value}{i}" for i, n in enumerate(names)}
            seen += len(names)
    assert seen == 4


def test_without_the_file_the_container_does_not_start(tmp_path: Path) -> None:
    for template in workloads(ROOT / "kubernetes_vault" / "injector" / "after"):
        for container in template["spec"]["containers"]:
            if "command" in container:
                words = [*container["command"], *container.get("args", ())]
                words = [word.replace("/vault/secrets/", f"{tmp_path}/none/") for word in words]
                done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
                assert done.returncode != 0
                assert "not found" not in done.stderr.replace("No such file", "")


def test_a_value_that_is_not_there_is_not_exported_as_something_else(bao: OpenBao, tmp_path: Path) -> None:
    hvac.Client(bao.url, bao.token).secrets.kv.v2.create_or_update_secret(
        "iac/DB_PASSWORD", {"other": "x"}, mount_point="secret"
    )
    templates = workloads(ROOT / "kubernetes_vault" / "injector" / "after")
    contents = templates[1]["metadata"]["annotations"][f"{HEAD}template-shop-env"]
    assert b"DB_PASSWORD" not in rendered(bao, contents, tmp_path)
