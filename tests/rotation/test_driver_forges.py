"""GitLab's tokens and GitHub's deploy keys, against fakes of their APIs that keep state (fake_forges); the deploy keys'
logins go to a real sshd."""

from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path

import pytest
from crashing import Case, Crash, book, ended, everywhere, run, silent
from engines import SSHD, sshd
from entries import ID
from fake_forges import GitHub, GitLab, served
from test_driver_ssh import pair

from secretsweep.app.rotation.rotating import Said
from secretsweep.errors import RotateError
from secretsweep.model import Secret
from secretsweep.rotators import VALUE

NUMBERS = count(1)


class Lab(GitLab):
    """With cases."""

    url = ""

    def case(self, kind: str = "project", scopes: tuple[str, ...] = ("read_repository",), method: str = "") -> Case:
        if kind == "personal":
            user, further = self.user(f"person{next(NUMBERS)}"), {}
        else:
            user, further = self.bot(kind, next(NUMBERS) + 100), {"access_level": 30}
        old = self.add(user, list(scopes), "deploy", **further)
        return Case("gitlab-token", {VALUE: Secret(old["token"].encode())},
                    lambda values: self.opens(values[VALUE].reveal().decode()), {"GITLAB_TOKEN": self.admin},
                    method, url=self.url, guide="gitlab-token")  # fmt: skip

    def family(self, case: Case) -> list[str]:
        """Names of what is active of the owner."""
        old = next(t for t in self.tokens if t["token"] == case.old[VALUE].reveal().decode())
        begins = self.users[old["user_id"]]["username"].rpartition("_bot")[0] or self.users[old["user_id"]]["username"]
        users = [number for number, user in self.users.items() if user["username"].startswith(begins)]
        return [t["name"] for t in self.tokens if t["user_id"] in users and t["active"]]


@pytest.fixture
def lab() -> Iterator[Lab]:
    made = Lab()
    with served(made.handle) as url:
        made.url = url
        yield made


@pytest.mark.parametrize("kind", ["project", "group", "personal"])
def test_second_tokens_crash_at_any_step_and_one_is_left(lab: Lab, tmp_path: Path, kind: str) -> None:
    def clean(case: Case) -> None:
        assert len(lab.family(case)) == 1

    everywhere(lambda: lab.case(kind), tmp_path, clean)


@pytest.mark.parametrize("kind", ["project", "personal"])
def test_rotating_crashes_at_any_step_and_never_ends_its_own(lab: Lab, tmp_path: Path, kind: str) -> None:
    def clean(case: Case) -> None:
        assert lab.family(case) == ["deploy"]

    everywhere(lambda: lab.case(kind, method="rotate"), tmp_path, clean, gap="created")


def test_a_token_that_was_made_and_never_noted_is_revoked_by_its_mark(lab: Lab, tmp_path: Path) -> None:
    case = lab.case()
    ledger = book(tmp_path / "l", case)
    with pytest.raises(Crash):
        run(case, ledger, crash="prepared")
    _, state = ledger.rotation(ID) or ("", {})
    owner = int(state["driver"]["owner"])
    lost = lab.add(lab.bot("project", owner), ["read_repository"], f"deploy [{state['driver']['mark']}]")
    other = lab.add(lab.bot("project", owner), ["read_repository"], "deploy [theirs]")
    run(case, ledger)
    ended(case, lambda case: None)
    assert not lost["active"] and other["active"]


def test_the_new_one_has_the_scopes_role_and_life_of_the_old(lab: Lab, tmp_path: Path) -> None:
    case = lab.case("group", ("read_api", "read_repository"))
    ledger = book(tmp_path / "l", case)
    assert run(case, ledger, Said("ada")).waits == "rolled" and case.opens(case.old)
    old = next(t for t in lab.tokens if t["token"] == case.old[VALUE].reveal().decode())
    new = next(t for t in lab.tokens if t["token"] == case.held()[VALUE].reveal().decode())
    for name in ("scopes", "access_level", "expires_at"):
        assert new[name] == old[name]
    done = ledger.entries()[ID].task("misuse").done
    assert done is not None and done.evidence.startswith("last used ")


def test_who_may_not_make_one_for_a_person_is_told(lab: Lab, tmp_path: Path) -> None:
    case = lab.case("personal")
    case.environ = {"GITLAB_TOKEN": str(lab.add(lab.user("plain"), ["api"], "plain")["token"])}
    with silent(case), pytest.raises(RotateError, match=r"refuses POST users/.*: 403"):
        run(case, book(tmp_path / "l", case))
    assert case.opens(case.old) and case.held() == case.old


def test_a_dead_token_ones_own_and_no_token_are_refused(lab: Lab, tmp_path: Path) -> None:
    case = lab.case()
    case.environ = {"GITLAB_TOKEN": case.old[VALUE].reveal().decode()}
    with silent(case), pytest.raises(RotateError, match="be another administrator"):
        run(case, book(tmp_path / "one", case))
    case.environ = {}
    with silent(case), pytest.raises(RotateError, match="GITLAB_TOKEN"):
        run(case, book(tmp_path / "two", case))
    case = lab.case()
    lab.tokens[-1]["active"] = False
    with silent(case), pytest.raises(RotateError, match="refuses the leaked token"):
        run(case, book(tmp_path / "three", case))
    case.url = "https://user:password@gitlab.example.com"
    with silent(case), pytest.raises(RotateError, match="holds a login"):
        run(case, book(tmp_path / "four", case))


# GitHub


class Hub(GitHub):
    """With cases, and a daemon that greets as GitHub does."""

    def __init__(self, daemon: SSHD) -> None:
        super().__init__(daemon.keys)
        self.daemon = daemon
        self.url = ""

    def case(self, read_only: bool = True) -> Case:
        private, public = pair()
        repository = f"shop/api{next(NUMBERS)}"
        self.keys[repository] = []
        self.add(repository, "deploy", public, read_only)

        def opens(values: Mapping[str, Secret]) -> bool:
            from secretsweep.rotators import _keypairs

            text = str(_keypairs.public("test", values[VALUE]))
            return any(key["key"] == text for key in self.keys[repository])

        options = {"ssh": self.daemon.account, "known-hosts": str(self.daemon.known_hosts)}
        return Case("github-deploy-key", {VALUE: Secret(private.encode())}, opens, {"GH_TOKEN": self.token},
                    account=repository, url=self.url, options=options, guide="deploy-key")  # fmt: skip


@pytest.fixture
def hub() -> Iterator[Hub]:
    with sshd() as daemon:
        made = Hub(daemon)
        with served(made.handle) as url:
            made.url = url
            yield made


def test_deploy_keys_crash_at_any_step_and_one_is_left(hub: Hub, tmp_path: Path) -> None:
    def clean(case: Case) -> None:
        assert len(hub.keys[case.account]) == 1

    everywhere(hub.case, tmp_path, clean)


def test_the_new_key_has_the_title_and_the_rights_of_the_old(hub: Hub, tmp_path: Path) -> None:
    case = hub.case(read_only=False)
    ledger = book(tmp_path / "l", case)
    assert run(case, ledger, Said("ada")).waits == "rolled"
    old, new = hub.keys[case.account]
    assert (new["title"], new["read_only"]) == (old["title"], old["read_only"]) == ("deploy", False)
    done = ledger.entries()[ID].task("assess").done
    assert done is not None and "reads and WRITES" in done.evidence


def test_another_repository_and_wrong_tokens_change_nothing(hub: Hub, tmp_path: Path) -> None:
    case, other = hub.case(), hub.case()
    own, case.account = case.account, other.account
    with silent(case), pytest.raises(RotateError, match="has no deploy key SHA256:"):
        run(case, book(tmp_path / "one", case))
    case.account = "shop/nothing"
    with silent(case), pytest.raises(RotateError, match="404 Not Found"):
        run(case, book(tmp_path / "two", case))
    case.account, case.environ = own, {"GH_TOKEN": "gho-wrong"}
    with silent(case), pytest.raises(RotateError, match="401 Bad credentials"):
        run(case, book(tmp_path / "three", case))
    case.account = "../../user/keys"
    with silent(case), pytest.raises(RotateError, match="wants owner/name"):
        run(case, book(tmp_path / "four", case))
    assert [len(hub.keys[name]) for name in (own, other.account)] == [1, 1]


def test_a_server_that_is_not_github_proves_nothing(hub: Hub, ssh_server: SSHD, tmp_path: Path) -> None:
    case = hub.case()
    with ssh_server.keys.open("a") as file:
        file.write(hub.keys[case.account][0]["key"] + "\n")
    case.options = {"ssh": ssh_server.account, "known-hosts": str(ssh_server.known_hosts)}
    with silent(case), pytest.raises(RotateError, match="does not answer as GitHub does"):
        run(case, book(tmp_path / "l", case))
    assert case.opens(case.old) and case.held() == case.old
