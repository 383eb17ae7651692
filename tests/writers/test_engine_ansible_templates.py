"""Templates say after a rewrite what they said before: filled in by Ansible's template module, OpenBao and moto."""

import json
import os
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from pathlib import Path

import boto3
import hvac
import pytest
import yaml
from engines import Moto, OpenBao, tool
from rewrites import ROOT, Case, applied, laid_out, planned, tree_of

from secretsweep.app.remediation.planning import Prepared
from secretsweep.model import Change, Reference, Refusal, Span, Spot, apply_edits
from secretsweep.writers import File, ansible_templates


def _filled(root: Path, playbook: str, folder: Path, environ: Mapping[str, str]) -> dict[str, object]:
    """What the templates say, as their readers read it."""
    out = folder / "out"
    out.mkdir(parents=True)
    variables = {"out": str(out), "ansible_connection": "local"}
    given = [word for name, value in variables.items() for word in ("-e", f"{name}={value}")]
    done = subprocess.run(
        [
            *(tool("ansible-playbook"), "-i", "localhost,", *given),
            *("-e", "ansible_python_interpreter={{ ansible_playbook_python }}", str(root / playbook)),
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
    return {name: _read(name, data) for name, data in tree_of(out).items()}


def _read(name: str, data: bytes) -> object:
    if ".json" in name:
        return json.loads(data)
    if ".yml" in name:
        return yaml.safe_load(data)
    if ".xml" in name:
        return [(node.tag, node.attrib, node.text) for node in ElementTree.fromstring(data).iter()]
    if ".sh" in name:
        run = subprocess.run(["bash", "-c", data.decode()], cwd="/tmp", capture_output=True, check=True)
        return run.stdout
    return data


def _stored(prepared: Prepared, bao: OpenBao) -> None:
    client = hvac.Client(url=bao.url, token=bao.token)
    for put in prepared.plan.puts:
        at, value = put.reference, prepared.secrets[put.reference].reveal().decode()
        client.secrets.kv.v2.create_or_update_secret(at.path, {at.field: value}, mount_point=at.mount)


@pytest.mark.parametrize(("name", "playbook", "files"), [("role", "site.yml", 11), ("playbook", "deploy/site.yml", 1)])
def test_templates_say_the_same_with_openbao(
    name: str, playbook: str, files: int, bao: OpenBao, tmp_path: Path
) -> None:
    root = laid_out(Case(ROOT / "ansible-templates_vault" / name), tmp_path / "repo")
    before = _filled(root, playbook, tmp_path / "before", {})
    assert len(before) == files
    prepared = planned(root, "vault")
    _stored(prepared, bao)
    applied(prepared, root)
    assert _filled(root, playbook, tmp_path / "after", bao.environ) == before


@pytest.mark.parametrize("store", ["aws-secretsmanager", "aws-ssm"])
def test_templates_say_the_same_with_moto(store: str, aws: Moto, tmp_path: Path) -> None:
    root = laid_out(Case(ROOT / f"ansible-templates_{store}" / "role"), tmp_path / "repo")
    before = _filled(root, "site.yml", tmp_path / "before", {})
    prepared = planned(root, store)
    session = boto3.Session("testing", "testing", region_name="us-east-1")
    for put in prepared.plan.puts:
        value = prepared.secrets[put.reference].reveal().decode()
        if store == "aws-ssm":
            client = session.client("ssm", endpoint_url=aws.url)
            client.put_parameter(Name=put.reference.path, Value=value, Type="SecureString")
        else:
            client = session.client("secretsmanager", endpoint_url=aws.url)
            client.create_secret(Name=put.reference.path, SecretString=value)
    applied(prepared, root)
    assert _filled(root, "site.yml", tmp_path / "after", aws.environ) == before


def test_what_has_a_filter_stands_any_later_value(bao: OpenBao, tmp_path: Path) -> None:
    root = laid_out(Case(ROOT / "ansible-templates_vault" / "role"), tmp_path / "repo")
    prepared = planned(root, "vault")
    _stored(prepared, bao)
    odd = "a\"b'c\\d$e`id`&<f> Ä🛒"
    client = hvac.Client(url=bao.url, token=bao.token)
    filtered = [c for c in prepared.plan.changes if b" | " in c.edits[0].edit.text]
    for change in filtered:
        at = change.spots[0].reference
        client.secrets.kv.v2.create_or_update_secret(at.path, {at.field: odd}, mount_point=at.mount)
    applied(prepared, root)
    said = _filled(root, "site.yml", tmp_path / "after", bao.environ)
    settings, app, secret = (said[name] for name in ("settings.json.j2", "app.yml.j2", "secret.yml.j2"))
    assert isinstance(settings, dict) and settings["db"]["password"] == settings["admin_password"] == odd
    assert isinstance(app, dict) and app["db"]["admin_password"] == odd
    assert said["deploy.sh.j2"] == f"a\nb\n{odd} {odd}".encode()
    assert ("password", {}, odd) in said["server.xml.j2"]  # type: ignore[operator]
    assert secret == {**secret, "data": {"password": "YSJiJ2NcZCRlYGlkYCY8Zj4gw4Twn5uS"}}  # type: ignore[dict-item]
    assert len(filtered) == 12


class Files:
    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files

    def paths(self) -> list[str]:
        return sorted(self.files)

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)


def _rewritten(data: bytes, tasks: bytes = b"- template: {src: a.txt.j2}\n", path: str = "web/a.txt.j2") -> str:
    """A text with `hunter2` in it, without any literal."""
    at = data.index(b"hunter2")
    span = Span(at, at + 7)
    reference = Reference("vault", "db", "value", "secret", 2)
    spot = Spot("id", path, span, span, "plain", "a", ("text",), (), "rule", "password", "high", False, 1, reference)
    tree = Files({path: data, "play.yml": tasks})
    (found,) = ansible_templates.rewrite([spot], File(path, data), tree)
    if isinstance(found, Refusal):
        return found.reason
    assert isinstance(found, Change)
    return apply_edits(data, [edit for _, edit in found.edits]).decode()


_LOOKUP = "lookup('community.hashi_vault.vault_kv2_get', 'db', engine_mount_point='secret').secret.value"


@pytest.mark.parametrize(
    ("data", "after"),
    [
        (b"login app hunter2!", f"login app {{{{ {_LOOKUP} }}}}!"),
        (b'{{ a | default("hunter2") }}', f"{{{{ a | default({_LOOKUP}) }}}}"),
        (b"{% raw %}a{% endraw %} hunter2", f"{{% raw %}}a{{% endraw %}} {{{{ {_LOOKUP} }}}}"),
        (b"{%- raw -%} hunter2 {% endraw %}", "nothing is filled in between raw and endraw"),
        (b"{# pw hunter2 #}", "in a comment, which nothing reads"),
        (b"# pw hunter2", "in a comment, which nothing reads"),
        (b"{{ 'app:hunter2' }}", "it is a part of an expression"),
    ],
)
def test_places_in_a_template(data: bytes, after: str) -> None:
    assert _rewritten(data) == after


@pytest.mark.parametrize(
    ("tasks", "path"),
    [
        (b"- copy: {src: a.txt.j2}\n", "web/a.txt.j2"),
        (b"- template: {src: b.txt.j2}\n", "web/a.txt.j2"),
        (b"- template: {src: other/a.txt.j2}\n", "web/a.txt.j2"),
    ],
)
def test_a_template_that_no_task_names_is_left(tasks: bytes, path: str) -> None:
    assert _rewritten(b"login hunter2", tasks, path) == "nothing in the tree shows who fills in this template"


@pytest.mark.parametrize(
    "source", [b"a.txt.j2", b"web/a.txt.j2", b"../web/a.txt.j2", b'"{{ playbook_dir }}/web/a.txt.j2"']
)
def test_a_task_names_a_template_in_many_ways(source: bytes) -> None:
    assert _LOOKUP in _rewritten(b"login hunter2", b"- ansible.builtin.template:\n    src: " + source + b"\n")
