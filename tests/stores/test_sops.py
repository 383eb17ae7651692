"""The store sops: what it writes and what it refuses to, whom it asks, and that no value is seen on the way."""

import os
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from engines import OpenBao, sops_key, tool
from opened import nowhere
from opener_sops import transit

from secretsweep import stores
from secretsweep.errors import StoreError
from secretsweep.model import Reference, Secret
from secretsweep.stores import Options, Taken, _sops_config, sops

VALUE = Secret(b"Tr0ub4dor-and-3")
AT = Reference("sops", "secrets/shop.enc.yaml", "db-password")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    folder.mkdir()
    return folder


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return sops_key(tmp_path)


def connected(tree: Path, environ: Mapping[str, str], **options: str) -> stores.Store:
    return sops.connected(Options(tree=str(tree), **options), environ)


def encrypted(file: Path, text: str, environ: Mapping[str, str], *options: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    command = (tool("sops"), "encrypt", "--in-place", *options, str(file))
    subprocess.run(command, env={**os.environ, **environ}, check=True)


def decrypted(file: Path, environ: Mapping[str, str]) -> str:
    command = (tool("sops"), "decrypt", str(file))
    return subprocess.run(command, env={**os.environ, **environ}, check=True, capture_output=True, text=True).stdout


def test_no_process_ever_gets_a_value_as_an_argument_or_in_its_environment(
    tree: Path, environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = tmp_path / "bin" / "sops"
    spy.parent.mkdir()
    log = tmp_path / "log"
    spy.write_text(f"#!/bin/sh\nexec 3>>'{log}'; tr '\\0' ' ' </proc/$$/cmdline >&3; env >&3; exec 3>&-\n"
                   f"exec '{tool('sops')}' \"$@\"\n")  # fmt: skip
    spy.chmod(0o755)
    monkeypatch.setenv("PATH", f"{spy.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    store = connected(tree, {k: v for k, v in environ.items() if k != "PATH"})
    for key in ("db-password", "other"):  # one makes the file, one adds to it
        store.create(AT._replace(field=key), VALUE, {})
        assert store.get(AT._replace(field=key)) == VALUE
    said = log.read_text()
    assert (said.count("encrypt"), said.count("set --value-stdin"), said.count("--extract")) == (1, 1, 4)
    assert "Tr0ub4dor" not in said
    assert list((tmp_path / "temporary").iterdir()) == []
    assert [p.name for p in (tree / "secrets").iterdir()] == ["shop.enc.yaml"]


def test_an_encrypted_file_keeps_its_other_keys_its_comments_and_its_mode(tree: Path, environ: dict[str, str]) -> None:
    file = tree / "secrets" / "shop.enc.yaml"
    encrypted(file, "# of the shop\nuser: shop  # who\nlist:\n    - 1\n    - two\n", environ)
    file.chmod(0o640)
    before = decrypted(file, environ)
    assert "# of the shop\n" in before
    connected(tree, environ).create(AT, VALUE, {})
    assert decrypted(file, environ) == f"{before}db-password: Tr0ub4dor-and-3\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


@pytest.mark.parametrize(
    "text", ["db-password: hunter2hunter2\n", "- a\n", "", "sops: yes\n", "a: b\n---\nc: d\n", "{"]
)
def test_what_is_not_encrypted_is_left_alone(tree: Path, environ: dict[str, str], text: str) -> None:
    file = tree / "secrets" / "shop.enc.yaml"
    file.parent.mkdir()
    file.write_text(text)
    store = connected(tree, environ)
    for asked in (lambda: store.get(AT), lambda: store.create(AT, VALUE, {}), lambda: store.resolved(AT)):
        with pytest.raises(StoreError, match=r"secrets/shop\.enc\.yaml: is there, and is no file"):
            asked()
    assert file.read_text() == text


@pytest.mark.parametrize(
    ("rule", "key"),
    [("encrypted_regex: ^(data|stringData)$", "db-password"), ("unencrypted_suffix: word", "db-password")],
)
def test_a_rule_that_leaves_the_value_in_clear_stops_it(
    tree: Path, environ: dict[str, str], rule: str, key: str
) -> None:
    recipient = environ.pop("SOPS_AGE_RECIPIENTS")
    (tree / ".sops.yaml").write_text(f"creation_rules:\n  - age: {recipient}\n    {rule}\n")
    store = connected(tree, environ)
    for asked in (lambda: store.resolved(AT), lambda: store.create(AT, VALUE, {})):
        with pytest.raises(StoreError, match="unencrypted"):
            asked()
    assert [p.name for p in tree.iterdir()] == [".sops.yaml"]


def test_so_does_a_file_that_would_have_it_in_clear(tree: Path, environ: dict[str, str]) -> None:
    file = tree / "secrets" / "shop.enc.yaml"
    encrypted(file, "data: x\n", environ, "--encrypted-regex", "^data$")
    before = file.read_bytes()
    with pytest.raises(StoreError, match="unencrypted"):
        connected(tree, environ).create(AT, VALUE, {})
    assert file.read_bytes() == before


def test_without_a_key_the_next_step_is_told(tree: Path, environ: dict[str, str]) -> None:
    path = {"PATH": environ["PATH"]}
    with pytest.raises(StoreError, match=r"write creation_rules into \.sops\.yaml.*SOPS_AGE_RECIPIENTS") as raised:
        connected(tree, path).resolved(AT)
    assert raised.value.exit_code == 4
    (tree / ".sops.yaml").write_text("creation_rules:\n  - path_regex: ^other/\n    age: age1x\n")
    with pytest.raises(StoreError, match=r"no creation rule of \.sops\.yaml is for it"):
        connected(tree, path).resolved(AT)
    (tree / ".sops.yaml").unlink()
    only_public = path | {"SOPS_AGE_RECIPIENTS": environ["SOPS_AGE_RECIPIENTS"], "HOME": "/nowhere"}
    for asked in ("resolved", "create"):
        arguments = (AT,) if asked == "resolved" else (AT, VALUE, {})
        with pytest.raises(StoreError, match="SOPS_AGE_KEY_FILE"):
            getattr(connected(tree, only_public), asked)(*arguments)
    assert list(tree.iterdir()) == []


def test_a_program_that_is_missing_is_told(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tree))
    with pytest.raises(StoreError, match=r"install sops 3\.11 or later"):
        connected(tree, {})


def test_a_tree_does_not_send_the_users_token_to_a_server_of_its_own(
    tree: Path, environ: dict[str, str], bao: OpenBao
) -> None:
    url = nowhere()
    del environ["SOPS_AGE_RECIPIENTS"]
    (tree / ".sops.yaml").write_text(f"creation_rules:\n  - hc_vault_transit_uri: {url}/v1/transit/keys/shop\n")
    for asked in (environ, environ | {"VAULT_ADDR": bao.url, "VAULT_TOKEN": "root"}):
        with pytest.raises(StoreError, match=f"would have your Vault token sent to {url}.*--url"):
            connected(tree, asked).resolved(AT)
    with pytest.raises(StoreError, match="connection refused"):  # it is asked when it is the user's own
        connected(tree, environ, url=url).resolved(AT)
    (tree / ".sops.yaml").unlink()
    file = tree / AT.path
    encrypted(file, "db-password: x\n", environ | transit(bao))
    with pytest.raises(StoreError, match=f"secrets/shop.enc.yaml would have your Vault token sent to {bao.url}"):
        connected(tree, environ | {"VAULT_TOKEN": "root"}).get(AT)
    assert connected(tree, environ | bao.environ).get(AT) == Secret(b"x")


def test_links_lead_nowhere(tree: Path, environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tree / "secrets").symlink_to(tmp_path / "outside")
    with pytest.raises(StoreError, match="a link leads out of the tree"):
        connected(tree, environ).create(AT, VALUE, {})
    assert list((tmp_path / "outside").iterdir()) == []


@pytest.mark.parametrize("text", ["db-password: 12345\n", "db-password:\n    deep: x\n", 'db-password: ""\n'])
def test_a_key_that_holds_no_text_is_taken(tree: Path, environ: dict[str, str], text: str) -> None:
    encrypted(tree / AT.path, text, environ)
    store = connected(tree, environ)
    with pytest.raises(Taken):
        store.get(AT)
    with pytest.raises(Taken):
        store.create(AT, VALUE, {})


def test_who_can_decrypt_is_said_before_anything_is_encrypted(tree: Path, environ: dict[str, str]) -> None:
    recipient = environ["SOPS_AGE_RECIPIENTS"]

    def said(given: Mapping[str, str]) -> list[str]:
        return list(sops.notes([AT, AT._replace(field="x")], Options(tree=str(tree)), given))

    assert said({})[0].startswith("secrets/shop.enc.yaml is made; nothing says whom to encrypt for")
    (tree / ".sops.yaml").write_text(
        "creation_rules:\n  - path_regex: ^nothing$\n    age: age1other\n"
        "  - path_regex: ^secrets/.*\\.enc\\.yaml$\n    key_groups:\n"
        "      - age: [age1foreign]\n        kms: [{arn: 'arn:aws:kms:eu:1:key/2', role: 'arn:x'}]\n"
        "        hc_vault: ['https://vault.example.com/v1/transit/keys/a']\n"
    )
    [line] = said({})
    assert "age1foreign, arn:aws:kms:eu:1:key/2 (as arn:x), https://vault.example.com/v1/transit/keys/a" in line
    assert ".sops.yaml" in line
    [line] = said({"SOPS_AGE_RECIPIENTS": recipient})
    assert f"by {recipient} (so says SOPS_AGE_RECIPIENTS)" in line
    encrypted(tree / AT.path, "a: b\n", environ)
    [line] = said({"SOPS_AGE_RECIPIENTS": "age1other"})
    assert f"gets the values: commit it. It can be decrypted by {recipient} (so says secrets/shop.enc.yaml)" in line


@pytest.mark.parametrize(
    ("there", "rule", "path"),
    [
        ("", "", "secrets/shop.enc.yaml"),
        ("", r"\.sops\.ya?ml$", "secrets/shop.sops.yaml"),
        ("", r"^secrets/[^.]+\.yaml$", "secrets/shop.yaml"),
        ("", "^nothing$", "secrets/shop.enc.yaml"),
        ("", "(((", "secrets/shop.enc.yaml"),
        ("secrets/shop.sops.yml", r"\.enc\.yaml$", "secrets/shop.sops.yml"),
    ],
)
def test_the_file_is_called_as_the_tree_does_it(tree: Path, there: str, rule: str, path: str) -> None:
    (tree / "secrets").mkdir()
    if there:
        (tree / there).write_text("")
    if rule:
        (tree / ".sops.yaml").write_text(f"creation_rules:\n  - path_regex: '{rule}'\n    age: age1x\n")
    options = Options(tree=str(tree))
    assert sops.reference(sops.fitted("secrets/shop/db.password"), options) == Reference("sops", path, "db-password")


def test_a_path_may_name_the_file_itself_or_none(tree: Path) -> None:
    options = Options(tree=str(tree))
    named = [
        sops.reference(sops.fitted(p), options) for p in ("config/prod.json/api_key", "db", "a/sops", "a/x_unencrypted")
    ]
    assert [(r.path, r.field) for r in named] == [
        ("config/prod.json", "api_key"),
        ("secrets.enc.yaml", "db"),
        ("a.enc.yaml", "key"),
        ("a.enc.yaml", "x-unencrypted"),
    ]


def test_a_file_of_json_is_one(tree: Path, environ: dict[str, str]) -> None:
    at = Reference("sops", "config/prod.json", "api_key")
    store = connected(tree, environ)
    for key in ("api_key", "other"):
        store.create(at._replace(field=key), VALUE, {})
        assert store.get(at._replace(field=key)) == VALUE
    assert (tree / at.path).read_text().startswith("{")


def test_a_hostile_configuration_names_no_endless_number_of_keys(tree: Path) -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
    groups = "[{age: [" + ",".join(["age1x"] * 100_000) + "]}]"
    (tree / ".sops.yaml").write_text(f"{bomb}creation_rules:\n  - key_groups: {groups}\n")
    keys = _sops_config.of_new(tree / AT.path, {})
    assert keys is not None
    assert keys.who == ("age1x",)
