"""AWS access keys against moto, which here refuses keys that are deleted or inactive (tests/strict_moto.py)."""

import re
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import boto3
import botocore.exceptions
import pytest
from crashing import SAID, Case, Crash, book, ended, everywhere, run, silent
from entries import ID

from secretsweep.app.rotation.rotating import ENDED, Said
from secretsweep.errors import RotateError
from secretsweep.model import Secret
from secretsweep.rotators import VALUE

NUMBERS = count(1)
IAM = tuple[str, dict[str, str]]


class Account:
    """The account, as its administrator sees it."""

    def __init__(self, url: str, environ: dict[str, str]) -> None:
        self.url, self.environ = url, environ
        self.iam = self.client("iam", environ["AWS_ACCESS_KEY_ID"], environ["AWS_SECRET_ACCESS_KEY"])

    def client(self, service: str, key: str, secret: str) -> Any:
        return boto3.client(
            service, endpoint_url=self.url, region_name="us-east-1", aws_access_key_id=key, aws_secret_access_key=secret
        )

    def opens(self, values: Mapping[str, Secret]) -> bool:
        sts = self.client("sts", values["key-id"].reveal().decode(), values[VALUE].reveal().decode())
        try:
            sts.get_caller_identity()
        except botocore.exceptions.ClientError as error:
            if error.response["Error"]["Code"] in ("InvalidClientTokenId", "SignatureDoesNotMatch"):
                return False
            raise
        finally:
            sts.close()
        return True

    def keys(self, user: str) -> dict[str, str]:
        found = self.iam.list_access_keys(UserName=user)["AccessKeyMetadata"]
        return {key["AccessKeyId"]: key["Status"] for key in found}

    def case(self, stored: tuple[str, ...] = (VALUE, "key-id")) -> Case:
        user = f"shop{next(NUMBERS)}"
        self.iam.create_user(UserName=user)
        key = self.iam.create_access_key(UserName=user)["AccessKey"]
        old = {VALUE: Secret(key["SecretAccessKey"].encode()), "key-id": Secret(key["AccessKeyId"].encode())}
        return Case("aws-access-key", old, self.opens, self.environ, options={"key-id": key["AccessKeyId"]},
                    guide="aws-access-key", stored=stored)  # fmt: skip

    def user(self, case: Case) -> str:
        name = case.options["key-id"]
        return str(self.iam.get_access_key_last_used(AccessKeyId=name)["UserName"])


@pytest.fixture
def account(iam: IAM) -> Iterator[Account]:
    found = Account(*iam)
    yield found
    found.iam.close()


def test_a_crash_at_any_step_loses_nothing_and_leaves_one_key(account: Account, tmp_path: Path) -> None:
    users: dict[str, str] = {}

    def made() -> Case:
        case = account.case()
        users[case.options["key-id"]] = account.user(case)
        return case

    def clean(case: Case) -> None:
        new = case.held()["key-id"].reveal().decode()
        assert account.keys(users[case.options["key-id"]]) == {new: "Active"}

    steps = everywhere(made, tmp_path, clean)
    assert {"stored memory/iac/shop/key-id#value", "disabled", "deleted"} <= set(steps)


def test_a_key_that_was_made_and_never_noted_is_deleted_by_the_next_run(account: Account, tmp_path: Path) -> None:
    """The process ends between the service's answer and the note of it: only the note from before says whose it is."""
    case = account.case()
    ledger = book(tmp_path / "l", case)
    user = account.user(case)
    with pytest.raises(Crash):
        run(case, ledger, crash="prepared")
    orphan = account.iam.create_access_key(UserName=user)["AccessKey"]["AccessKeyId"]
    run(case, ledger)
    ended(case, lambda case: None)
    assert orphan not in account.keys(user) and len(account.keys(user)) == 1


def test_a_second_key_that_is_not_ours_is_refused_and_told_when_it_was_used(account: Account, tmp_path: Path) -> None:
    case = account.case()
    user = account.user(case)
    other = account.iam.create_access_key(UserName=user)["AccessKey"]["AccessKeyId"]
    with silent(case), pytest.raises(RotateError, match=rf"may have no third one: .*{other} \(Active\) last used"):
        run(case, book(tmp_path / "l", case))
    assert case.opens(case.old) and set(account.keys(user)) == {case.options["key-id"], other}


def test_a_key_that_somebody_made_before_the_crash_is_not_deleted(account: Account, tmp_path: Path) -> None:
    """It came before the note, or long after it."""
    case = account.case()
    ledger = book(tmp_path / "l", case)
    user = account.user(case)
    with pytest.raises(Crash):
        run(case, ledger, crash="prepared")
    name, state = ledger.rotation(ID) or ("", {})
    state["driver"]["noted"] = "2020-01-01T00:00:00+00:00"
    ledger.rotate(ID, name, state)
    other = account.iam.create_access_key(UserName=user)["AccessKey"]["AccessKeyId"]
    with pytest.raises(RotateError, match="may have no third one"):
        run(case, ledger)
    assert other in account.keys(user) and case.opens(case.old)


def test_it_is_deactivated_watched_and_deleted(account: Account, tmp_path: Path) -> None:
    case = account.case()
    user, ledger = account.user(case), book(tmp_path / "l", case)
    old = case.options["key-id"]
    assert run(case, ledger, Said("ada")).waits == "rolled"
    assert case.opens(case.old) and case.opens(case.held())
    assert run(case, ledger, Said("ada", "rolled")).waits == "watched"
    assert account.keys(user)[old] == "Inactive" and not case.opens(case.old)
    assert run(case, ledger, SAID).at == ENDED
    assert old not in account.keys(user)


def test_where_only_the_secret_is_stored_the_new_id_is_told(account: Account, tmp_path: Path) -> None:
    case = account.case((VALUE,))
    ledger = book(tmp_path / "l", case)
    rotation = run(case, ledger, Said("ada"))
    assert re.fullmatch(r"AKIA[A-Z0-9]{16}", rotation.beside["key-id"])
    assert rotation.beside["key-id"] != case.options["key-id"]
    rotation = run(case, ledger)
    new = {**case.held(), "key-id": Secret(rotation.beside["key-id"].encode())}
    assert rotation.at == ENDED and case.opens(new) and not case.opens(case.old)


def test_what_is_known_of_its_use_is_evidence_though_cloudtrail_says_nothing(account: Account, tmp_path: Path) -> None:
    case = account.case()
    ledger = book(tmp_path / "l", case)
    run(case, ledger, Said("ada"))
    done = ledger.entries()[ID].task("misuse").done
    assert done is not None and "last used: " in done.evidence and "CloudTrail was not read" in done.evidence


@pytest.mark.parametrize(
    ("options", "said"),
    [({}, "which key"), ({"key-id": "ASIA" + "A" * 16}, "temporary"), ({"key-id": "AKIA" + "A" * 16}, "refuses")],
)
def test_another_key_than_the_leaked_one_changes_nothing(
    account: Account, tmp_path: Path, options: dict[str, str], said: str
) -> None:
    case = account.case()
    user = account.user(case)
    case.options = options
    with silent(case), pytest.raises(RotateError, match=said):
        run(case, book(tmp_path / "l", case))
    assert len(account.keys(user)) == 1 and case.opens(case.old)


def test_the_leaked_key_is_not_its_own_administrator(account: Account, tmp_path: Path) -> None:
    case = account.case()
    own = {"AWS_ACCESS_KEY_ID": case.options["key-id"], "AWS_SECRET_ACCESS_KEY": case.old[VALUE].reveal().decode()}
    case.environ = {**account.environ, **own}
    with silent(case), pytest.raises(RotateError, match="be another administrator"):
        run(case, book(tmp_path / "l", case))
    assert case.opens(case.old)


def test_an_administrator_without_the_right_changes_nothing(account: Account, tmp_path: Path) -> None:
    case = account.case()
    account.iam.create_user(UserName="plain")
    key = account.iam.create_access_key(UserName="plain")["AccessKey"]
    own = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    case.environ = {**account.environ, **own}
    with silent(case), pytest.raises(RotateError, match="AccessDenied"):
        run(case, book(tmp_path / "l", case))
    assert case.opens(case.old) and len(account.keys(account.user(case))) == 1
