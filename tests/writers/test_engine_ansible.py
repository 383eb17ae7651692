"""Playbooks and inventories do after a rewrite what they did before: played by Ansible against OpenBao and moto."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import boto3
import hvac
import pytest
from engines import Moto, OpenBao, sops_key, tool
from rewrites import ROOT, Case, applied, laid_out, planned, tree_of

from secretsweep import stores
from secretsweep.app.remediation.planning import Prepared
from secretsweep.model import Reference, Secret
from secretsweep.stores import sops
from secretsweep.writers import _lookups

_SHOW = """
- hosts: all
  gather_facts: false
  tasks:
    - copy:
        dest: "{{ out }}/{{ inventory_hostname }}"
        content: "{{ db_password }} {{ admin_password }} {{ api_token }}"
"""


def played(playbook: Path, inventory: str, folder: Path, environ: Mapping[str, str]) -> dict[str, bytes]:
    """The files that a playbook leaves in `out`."""
    out = folder / "out"
    out.mkdir(parents=True)
    variables = {"out": str(out), "ansible_connection": "local"}
    given = [word for name, value in variables.items() for word in ("-e", f"{name}={value}")]
    done = subprocess.run(
        [
            tool("ansible-playbook"),
            *("-i", inventory, *given),
            *("-e", "ansible_python_interpreter={{ ansible_playbook_python }}", str(playbook)),
        ],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
            "LC_ALL": "C.UTF-8",
            **environ,
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return tree_of(out)


def _stored(prepared: Prepared, bao: OpenBao) -> None:
    client = hvac.Client(url=bao.url, token=bao.token)
    for put in prepared.plan.puts:
        at = put.reference
        value = prepared.secrets[at].reveal().decode()
        client.secrets.kv.v2.create_or_update_secret(at.path, {at.field: value}, mount_point=at.mount)


def test_tasks_and_variables_do_the_same_with_openbao(bao: OpenBao, tmp_path: Path) -> None:
    root = laid_out(Case(ROOT / "ansible_vault" / "tasks"), tmp_path / "repo")
    before = played(root / "site.yml", "localhost,", tmp_path / "before", {})
    assert set(before) == {"arguments", "folded", "key.pem", "password", "shop.env", "variable", "word"}
    prepared = planned(root, "vault")
    _stored(prepared, bao)
    applied(prepared, root)
    assert played(root / "site.yml", "localhost,", tmp_path / "after", bao.environ) == before


def test_an_inventory_says_the_same_with_openbao(bao: OpenBao, tmp_path: Path) -> None:
    root = laid_out(Case(ROOT / "ansible_vault" / "inventory"), tmp_path / "repo")
    inventory = str(root / "inventory" / "hosts.ini")
    (tmp_path / "show.yml").write_text(_SHOW)
    before = played(tmp_path / "show.yml", inventory, tmp_path / "before", {})
    assert set(before) == {"db1", "db2"}
    prepared = planned(root, "vault")
    _stored(prepared, bao)
    applied(prepared, root)
    assert played(tmp_path / "show.yml", inventory, tmp_path / "after", bao.environ) == before


@pytest.mark.parametrize("version", [1, 2])
def test_the_lookups_read_what_the_stores_hold(version: int, bao: OpenBao, aws: Moto, tmp_path: Path) -> None:
    odd = "a b*$HOME`id`\"'#;|&{{ no }}"
    client = hvac.Client(url=bao.url, token=bao.token)
    mount = f"lookups{version}"
    client.sys.enable_secrets_engine("kv", path=mount, options={"version": str(version)})
    kv = client.secrets.kv.v1 if version == 1 else client.secrets.kv.v2
    kv.create_or_update_secret("iac/db", secret={"value": odd}, mount_point=mount)
    account = boto3.Session("testing", "testing", region_name="us-east-1")
    account.client("secretsmanager", endpoint_url=aws.url).create_secret(Name="iac/db", SecretString=odd)
    account.client("ssm", endpoint_url=aws.url).put_parameter(Name="/iac/db", Value=odd, Type="SecureString")
    references = (
        Reference("vault", "iac/db", "value", mount, version),
        Reference("aws-secretsmanager", "iac/db", scope="us-east-1"),
        Reference("aws-ssm", "/iac/db", scope="us-east-1"),
    )
    tasks = "".join(
        f"    - copy: {{dest: '{{{{ out }}}}/{r.store}', content: \"{{{{ {_lookups.lookup(r)} }}}}\"}}\n"
        f"    - shell: printf '%s' {{{{ {_lookups.lookup(r)} | quote }}}} >{{{{ out }}}}/{r.store}.shell\n"
        for r in references
    )
    (tmp_path / "play.yml").write_text(f"- hosts: all\n  gather_facts: false\n  tasks:\n{tasks}")
    environ = {**bao.environ, **aws.environ}
    said = played(tmp_path / "play.yml", "localhost,", tmp_path / "run", environ)
    assert said == {name: odd.encode() for r in references for name in (r.store, f"{r.store}.shell")}


@pytest.mark.parametrize(("case", "play"), [("tasks", "site.yml"), ("inventory", ""), ("layout", "ansible/site.yml")])
def test_the_same_comes_out_of_a_file_of_sops(case: str, play: str, tmp_path: Path) -> None:
    root = laid_out(Case(ROOT / "ansible_sops" / case), tmp_path / "repo")
    inventory = "localhost," if play else str(root / "inventory" / "hosts.ini")
    if not play:
        play = "show.yml"
        (root / play).write_text(_SHOW)
    before = played(root / play, inventory, tmp_path / "before", {})
    environ = sops_key(tmp_path)
    prepared = planned(root, "sops")
    applied(prepared, root, sops.connected(stores.Options(tree=str(root)), environ))
    assert played(root / play, inventory, tmp_path / "after", environ) == before
    assert (root / "iac.enc.yaml").exists()


@pytest.mark.parametrize("value", ["a b*$HOME`id`\"'\\n#;|&{% raw %}\u00e4", "two\nlines\n\n", " 0123 "])
def test_the_lookup_of_sops_reads_every_byte(value: str, tmp_path: Path) -> None:
    environ = sops_key(tmp_path)
    reference = Reference("sops", "secrets/shop.enc.yaml", "db-password")
    sops.connected(stores.Options(tree=str(tmp_path)), environ).create(reference, Secret(value.encode()), {})
    lookup = _lookups.lookup(reference, "play")
    (tmp_path / "play").mkdir()
    task = f"    - copy: {{dest: '{{{{ out }}}}/value', content: '{{{{ {lookup.replace(chr(39), chr(39) * 2)} }}}}'}}\n"
    (tmp_path / "play" / "play.yml").write_text(f"- hosts: all\n  gather_facts: false\n  tasks:\n{task}")
    said = played(tmp_path / "play" / "play.yml", "localhost,", tmp_path / "run", environ)
    assert said == {"value": value.encode()}
