"""What was encrypted in its place is what was there: played by Ansible, and opened as the controller opens it."""

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml
from controller import Controller
from operators import complaints
from rewrites import Case, applied, cases, laid_out, planned, tree_of
from test_engine_ansible import played

from secretsweep.stores import Options, ansible_vault, sealed_secrets

_ANSIBLE = [case for case in cases() if case.store == "ansible-vault" and case.folder.name != "refused"]
_SEALED = [case for case in cases() if case.store == "sealed-secrets" and case.folder.name != "refused"]
_OTHERS = "62313365396662343061393464336163"  # of a ciphertext that was there before, with another password


class _Loader(yaml.SafeLoader):
    """YAML with Ansible's ciphertexts decrypted, and other text as it is."""


def _vars(data: bytes, vault: ansible_vault.Vault) -> Any:
    def opened(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> str:
        text = str(node.value).rstrip("\n")
        if _OTHERS in text:
            return text
        secret = vault.opened(text)
        assert secret is not None
        return secret.reveal().decode()

    _Loader.add_constructor("!vault", opened)
    return yaml.load(data, _Loader)


@pytest.fixture
def password(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text("correct horse\n")
    return file


@pytest.mark.parametrize("case", _ANSIBLE, ids=lambda case: case.name)
def test_every_variable_is_what_it_was(case: Case, tmp_path: Path, password: Path) -> None:
    root = laid_out(case, tmp_path / "repo")
    vault = ansible_vault.connected(Options(vault_id=f"dev@{password}"), {})
    before = tree_of(root)
    applied(planned(root, case.store, connection=vault), root, vault)
    after = tree_of(root)
    assert before.keys() == after.keys()
    for path, data in before.items():
        was, now = _vars(data, vault), _vars(after[path], vault)
        assert now == (was | {"pin_password": str(was["pin_password"])} if "pin_password" in was else was)
        assert after[path].count(b"\r\n") in (0, after[path].count(b"\n"))


@pytest.mark.parametrize("name", ["", "dev"])
def test_a_playbook_does_the_same(name: str, tmp_path: Path, password: Path) -> None:
    root = laid_out(next(case for case in _ANSIBLE if case.folder.name == "playbook"), tmp_path / "repo")
    before = played(root / "site.yml", "localhost,", tmp_path / "before", {})
    assert set(before) == {"db_password", "letter_password", "tls_key", "fact"}
    assert before["letter_password"] == "Grüße-Tr0ub4dor\nand-3\n".encode()
    vault = ansible_vault.connected(Options(vault_id=f"{name}@{password}"), {})
    applied(planned(root, "ansible-vault", connection=vault), root, vault)
    assert (root / "site.yml").read_bytes().count(b"$ANSIBLE_VAULT;") == 4
    environ = {"ANSIBLE_VAULT_PASSWORD_FILE": str(password)}
    assert played(root / "site.yml", "localhost,", tmp_path / "after", environ) == before


def test_group_and_host_variables_reach_their_hosts(tmp_path: Path, password: Path) -> None:
    root = laid_out(next(case for case in _ANSIBLE if case.folder.name == "variables"), tmp_path / "repo")
    (root / "hosts").write_text("[db]\ndb1\n")
    names = "greeting_password admin_password reporting_password replica_url tls_key users passwords".split()
    names += ["mysql_password", "nested", "last_password"]
    (root / "show.yml").write_text(
        "- hosts: all\n  gather_facts: false\n  tasks:\n"
        + "".join(
            f"    - copy: {{dest: '{{{{ out }}}}/{name}', content: '{{{{ {name} | to_json }}}}'}}\n" for name in names
        )
    )
    before = played(root / "show.yml", str(root / "hosts"), tmp_path / "before", {})
    assert set(before) == set(names)
    vault = ansible_vault.connected(Options(vault_id=f"@{password}"), {})
    applied(planned(root, "ansible-vault", connection=vault), root, vault)
    environ = {"ANSIBLE_VAULT_PASSWORD_FILE": str(password)}
    assert played(root / "show.yml", str(root / "hosts"), tmp_path / "after", environ) == before


def _documents(data: bytes) -> list[dict[str, Any]]:
    found = [document for document in yaml.safe_load_all(data.decode("utf-8-sig")) if document]
    return [item for one in found for item in (one["items"] if one["kind"] == "List" else [one])]


def _secret(manifest: dict[str, Any]) -> dict[str, Any]:
    """A Secret as the API has it."""
    metadata = {k: v for k, v in manifest["metadata"].items() if k in ("name", "namespace", "labels", "annotations")}
    data = {key: base64.b64decode(value) for key, value in manifest.get("data", {}).items()}
    data |= {key: value.encode() for key, value in manifest.get("stringData", {}).items()}
    return {"metadata": metadata, **{k: manifest[k] for k in ("type", "immutable") if k in manifest}, "data": data}


@pytest.mark.parametrize("case", _SEALED, ids=lambda case: case.name)
def test_the_controller_makes_the_same_secrets(case: Case, tmp_path: Path) -> None:
    root = laid_out(case, tmp_path / "repo")
    controller = Controller()
    sealer = sealed_secrets.connected(Options(certificate=str(controller.certificate(tmp_path))), {})
    before = tree_of(root)
    applied(planned(root, case.store, connection=sealer), root, sealer)
    secrets = 0
    for path, data in tree_of(root).items():
        for was, now in zip(_documents(before[path]), _documents(data), strict=True):
            if was["kind"] != "Secret":
                assert now == was
                continue
            secrets += 1
            assert list(complaints(now) or ()) == []
            assert controller.made(now) == _secret(was)
    assert secrets
