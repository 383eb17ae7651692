"""Credentials whose end no machine can try: secrets that applications make for themselves, and commands for people."""

import base64
import json
import os
import re
import subprocess
from pathlib import Path

import hvac
import pytest
from crashing import Case, Crash, book, reference, run, silent
from engines import OpenBao, tool
from entries import ID, entry
from kubernetes_validate import validate

from secretsweep import rotators
from secretsweep.app.rotation.rotating import ENDED, Said, previous
from secretsweep.errors import RotateError
from secretsweep.model import Reference, Secret
from secretsweep.rotators import VALUE, Asked, _piped, generated_secret

OLD = "django-insecure-" + "k3y$of-the*shop" * 3


def made(value: str = OLD, method: str = "replace", guide: str = "django-secret-key") -> Case:
    return Case("generated-secret", {VALUE: Secret(value.encode())}, lambda values: True, os.environ, method,
                guide=guide)  # fmt: skip


@pytest.mark.parametrize(
    ("old", "shape"),
    [
        ("0f" * 64, r"[0-9a-f]{128}"),
        ("0F" * 16, r"[0-9A-F]{32}"),
        ("abc123" * 2, r"[0-9a-f]{32}"),  # too short a one gets longer
        ("base64:" + base64.b64encode(bytes(32)).decode(), r"base64:[A-Za-z0-9+/]{43}="),
        (base64.b64encode(bytes(range(64))).decode(), r"[A-Za-z0-9+/]{86}=="),
        ("6F1C0B9E-8D5A-4C57-9B1B-0A7F4A4E1E11", r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}"),
        ("a-b_c" * 10, r"[a-z_-]{50}"),
        (OLD, r"[a-z0-9$*-]{61}"),
        ("12345678", r"[A-Za-z0-9]{32}"),
    ],
)
def test_the_new_one_has_the_shape_of_the_old(old: str, shape: str) -> None:
    secret, _ = generated_secret._made(Secret(old.encode()))
    again, _ = generated_secret._made(Secret(old.encode()))
    assert re.fullmatch(shape, secret.reveal().decode()) and secret != again


@pytest.mark.parametrize("value", ["-----BEGIN PRIVATE KEY-----\nx", "eyJhbGciOiJIUzI1NiJ9.e30.x", "short", "ü" * 20])
def test_what_is_made_otherwise_is_refused(value: str, tmp_path: Path) -> None:
    case = made(value)
    with silent(case), pytest.raises(RotateError, match=r"generated-secret: (it is|the value is)"):
        run(case, book(tmp_path / "l", case))
    assert case.held() == case.old


def test_only_a_persons_word_ends_it_and_the_entry_says_whose(tmp_path: Path) -> None:
    case = made()
    ledger = book(tmp_path / "l", case)
    with silent(case):
        assert run(case, ledger, Said("ada")).waits == "rolled"
        new = case.held()[VALUE]
        assert new != case.old[VALUE]
        assert run(case, ledger, Said("ada", "all restarted")).waits == "refused"
    stopped = ledger.entries()[ID]
    assert stopped.state == "open" and stopped.judgement is None and stopped.task("delete").done is None
    assert run(case, ledger, Said("eve", "", "", "an old cookie leads to the login")).at == ENDED
    done = ledger.entries()[ID]
    assert done.judgement is not None
    assert (done.judgement.state, done.judgement.who, done.judgement.status) == ("dead", "eve", "said by a person")
    assert "not tried by a machine: an old cookie" in done.judgement.why
    task = done.task("delete").done
    assert task is not None and (task.who, task.evidence) == ("eve", "an old cookie leads to the login")
    assert case.held() == {VALUE: new}


def test_it_goes_on_after_a_crash_at_any_step(tmp_path: Path) -> None:
    said = Said("ada", "rolled", "watched", "refused")
    for method in ("replace", "keep-old"):
        steps: list[str] = []
        case = made(method=method)
        run(case, book(tmp_path / f"{method}-first", case), said, steps)
        for number, crash in enumerate(steps[:-1]):
            case = made(method=method)
            ledger = book(tmp_path / f"{method}-{number}", case)
            with pytest.raises(Crash):
                run(case, ledger, said, crash=crash)
            held = case.held()[VALUE]
            assert run(case, ledger, said).at == ENDED
            assert held == case.old[VALUE] or case.held()[VALUE] == held, crash


def test_the_old_value_goes_to_a_path_of_its_own_first(tmp_path: Path) -> None:
    case = made(method="keep-old")
    steps: list[str] = []
    ledger = book(tmp_path / "l", case)
    assert run(case, ledger, Said("ada", "rolled"), steps).waits == "watched"
    second = previous(reference())
    assert second.path == "iac/shop/value-previous" and case.store.get(second) == case.old[VALUE]
    assert steps.index(f"stored {second}") < steps.index(f"stored {reference()}")
    assert run(case, ledger, Said("ada", "", "fallback is gone")).waits == "refused"
    assert run(case, ledger, Said("ada", "", "", "old cookies are refused")).at == ENDED


def test_what_a_rotation_before_kept_there_gives_way(tmp_path: Path) -> None:
    case = made(method="keep-old")
    case.store.create(previous(reference()), Secret(b"of-the-time-before"), {})
    run(case, book(tmp_path / "l", case))
    assert case.store.get(previous(reference())) == case.old[VALUE] != case.held()[VALUE]


@pytest.mark.parametrize(
    ("guide", "setting"),
    [
        ("django-secret-key", "SECRET_KEY_FALLBACKS"),
        ("laravel-app-key", "APP_PREVIOUS_KEYS"),
        ("rails-secret-key-base", "cookies_rotations"),
        ("signing-secret", "sign with the new one only"),
    ],
)
def test_the_plan_says_which_setting_accepts_both(guide: str, setting: str) -> None:
    asked = Asked(Secret(b""), "keep-old", references={VALUE: reference()}, guide=guide)
    [note] = generated_secret.told(asked).notes
    assert setting in note and "iac/shop/value-previous" in note


def test_what_encrypts_is_not_replaced_without_a_word(tmp_path: Path) -> None:
    case = made("base64:" + base64.b64encode(bytes(32)).decode(), guide="laravel-app-key")
    with silent(case), pytest.raises(RotateError, match="would be lost"):
        run(case, book(tmp_path / "one", case))
    case.options = {"lost": "yes"}
    assert run(case, book(tmp_path / "two", case), Said("ada")).waits == "rolled"


# commands


def account(**options: str) -> Case:
    return Case("kubernetes-token", {VALUE: Secret(b"eyJ-the-leaked-token")}, lambda values: True, os.environ,
                account="shop/deployer", options=options, guide="kubernetes-service-account")  # fmt: skip


def test_it_waits_until_the_store_has_another_value_and_changes_nothing_itself(tmp_path: Path) -> None:
    case = account()
    ledger = book(tmp_path / "l", case)
    for _ in range(2):
        assert run(case, ledger, Said("ada", "rolled", "", "refused")).waits == "create"
        assert case.held() == case.old
    case.store.advance(reference(), case.old[VALUE], Secret(b"eyJ-by-a-person"))
    assert run(case, ledger, Said("ada")).waits == "rolled"
    assert run(case, ledger, Said("ada", "rolled")).waits == "refused"
    assert run(case, ledger, Said("ada", "", "", "kubectl says Unauthorized")).at == ENDED
    assert case.held() == {VALUE: Secret(b"eyJ-by-a-person")}


def told(case: Case, **given: Reference) -> rotators.Told:
    asked = Asked(Secret(b""), "commands", case.account, options=case.options, references=given)
    return case.module.told(asked)


def test_its_manifest_is_one_that_kubernetes_takes() -> None:
    [command] = told(account()).commands["create"]
    done = subprocess.run(["sh", "-c", command.partition(" | kubectl")[0]], capture_output=True, text=True, check=True)
    manifest = json.loads(done.stdout)
    validate(manifest, "1.30", strict=True)
    assert manifest["metadata"]["annotations"] == {"kubernetes.io/service-account.name": "deployer"}


def test_the_command_of_the_store_writes_what_comes_through_the_pipe(bao: OpenBao, tmp_path: Path) -> None:
    client = hvac.Client(url=bao.url, token=bao.token)
    client.secrets.kv.v2.create_or_update_secret("shop/token", {"value": "old", "other": "stays"}, mount_point="secret")
    [command] = told(account(), value=Reference("vault", "shop/token", "value", "secret", 2)).commands["store"]
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "vault").symlink_to(tool("bao"))
    (programs / "kubectl").write_text("#!/bin/sh\nprintf '%s' 'bmV3' # what .data.token says\n")
    (programs / "kubectl").chmod(0o755)
    environ = {**os.environ, **bao.environ, "BAO_ADDR": bao.url, "BAO_TOKEN": bao.token, "HOME": str(tmp_path)}
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(["sh", "-c", command], env={**environ, "PATH": path}, check=True, stdout=subprocess.DEVNULL)
    read = client.secrets.kv.v2.read_secret_version("shop/token", mount_point="secret", raise_on_deleted_version=True)
    assert read["data"]["data"] == {"value": "new", "other": "stays"}


@pytest.mark.parametrize(
    ("given", "command"),
    [
        (Reference("aws-secretsmanager", "shop/t", scope="eu-1"), "aws secretsmanager put-secret-value --region eu"),
        (Reference("aws-ssm", "/shop/t"), "aws ssm put-parameter --overwrite"),
        (Reference("gcp-secretmanager", "t", scope="p"), "gcloud secrets versions add t --project=p --data-file=-"),
        (Reference("azure-keyvault", "t", scope="https://v.vault.azure.net"), "az keyvault secret set --vault-name v "),
        (Reference("vault", "t", "value", "kv1", 1), "cat  # and write it as the next version of kv1/t#value"),
    ],
)
def test_every_store_has_its_command(given: Reference, command: str) -> None:
    assert _piped.into(given).startswith(command)


@pytest.mark.parametrize("name", ["deployer", "shop/", "shop/a;b", "-n/x", "Shop/x"])
def test_an_account_that_is_none_is_refused(name: str) -> None:
    case = account()
    case.account = name
    with pytest.raises(RotateError, match="wants namespace/name"):
        case.module.connected(case.job(entry()).asked, os.environ)

