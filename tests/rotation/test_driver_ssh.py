"""SSH keys against a real daemon on a loopback port."""

import os
import re
from collections.abc import Mapping
from itertools import count
from pathlib import Path

import pytest
from crashing import Case, book, ended, everywhere, run, silent
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from engines import SSHD, sshd
from entries import ID, entry

from secretsweep.app.rotation.rotating import ENDED, Said
from secretsweep.errors import RotateError
from secretsweep.model import Secret
from secretsweep.rotators import VALUE
from secretsweep.rotators import ssh_key as driver
from secretsweep.tools import ssh

NUMBERS = count(1)
PRIVATE = {"openssh": serialization.PrivateFormat.OpenSSH, "pem": serialization.PrivateFormat.TraditionalOpenSSL}


def pair(kind: str = "ed25519", form: str = "openssh", passphrase: str = "") -> tuple[str, str]:
    """A private key, and the public half as it stands in authorized_keys."""
    kinds = {
        "ed25519": ed25519.Ed25519PrivateKey.generate,
        "rsa": lambda: rsa.generate_private_key(65537, 2048),
        "ecdsa": lambda: ec.generate_private_key(ec.SECP256R1()),
    }
    key = kinds[kind]()
    sealed = serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, PRIVATE[form], sealed).decode()
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return private, public.decode()


def made(server: SSHD, kind: str = "ed25519", form: str = "openssh", options: str = "", comment: str = "shop") -> Case:
    private, public = pair(kind, form)
    with server.keys.open("a") as file:
        file.write(f"{options + ' ' if options else ''}{public} {comment}{next(NUMBERS)}\n")

    def opens(values: Mapping[str, Secret]) -> bool:
        return server.lets_in(values[VALUE].reveal().decode())

    return Case("ssh-key", {VALUE: Secret(private.encode())}, opens, os.environ, "second-key", server.account,
                options={"known-hosts": str(server.known_hosts), "authorized-keys": str(server.keys)},
                guide="ssh-key")  # fmt: skip


def test_a_crash_at_any_step_loses_nothing_and_leaves_one_line(ssh_server: SSHD, tmp_path: Path) -> None:
    made_cases = 0

    def make() -> Case:
        nonlocal made_cases
        made_cases += 1
        return made(ssh_server)

    before = len(ssh_server.keys.read_text().splitlines())
    everywhere(make, tmp_path)
    assert len(ssh_server.keys.read_text().splitlines()) == before + made_cases


@pytest.mark.parametrize(("kind", "form"), [("rsa", "pem"), ("rsa", "openssh"), ("ecdsa", "pem")])
def test_keys_of_every_kind_and_writing_are_replaced(
    ssh_server: SSHD, tmp_path: Path, kind: str, form: str
) -> None:
    case = made(ssh_server, kind, form)
    run(case, book(tmp_path / "l", case))
    ended(case, lambda case: None)
    assert case.held()[VALUE].reveal().startswith(b"-----BEGIN OPENSSH PRIVATE KEY-----\n")


def test_options_comment_and_everybody_elses_lines_stay(ssh_server: SSHD, tmp_path: Path) -> None:
    others = f"# keep this\n{pair()[1]} theirs"
    with ssh_server.keys.open("a") as file:
        file.write(others)  # without a line's end
    os.chmod(ssh_server.keys, 0o640)
    with ssh_server.keys.open("a") as file:
        file.write("\n")
    case = made(ssh_server, options='restrict,from="127.0.0.1"', comment="deploy of the shop ")
    text = ssh_server.keys.read_text().rstrip("\n")
    ssh_server.keys.write_text(text)  # the last line does not end
    run(case, book(tmp_path / "l", case))
    ended(case, lambda case: None)
    after = ssh_server.keys.read_text()
    assert others in after and ssh_server.keys.stat().st_mode & 0o777 == 0o640
    assert re.search(r'^restrict,from="127\.0\.0\.1" ssh-ed25519 \S+ deploy of the shop \d+$', after, re.MULTILINE)


def test_both_log_in_until_rolled(ssh_server: SSHD, tmp_path: Path) -> None:
    case = made(ssh_server)
    ledger = book(tmp_path / "l", case)
    assert run(case, ledger, Said("ada")).waits == "rolled"
    assert case.opens(case.old) and case.opens(case.held())
    assert run(case, ledger, Said("ada", "rolled")).at == ENDED
    done = ledger.entries()[ID].task("delete").done
    assert done is not None and re.match(r"SHA256:\S{43} removed at .*; tried: refused", done.evidence)


def test_several_hosts_are_all_done_or_none_is_begun(ssh_server: SSHD, tmp_path: Path) -> None:
    with sshd() as other:
        case = made(ssh_server)
        known = tmp_path / "known"
        known.write_text(ssh_server.known_hosts.read_text() + other.known_hosts.read_text())
        case.account = f"{ssh_server.account},{other.account}"
        case.options = {**case.options, "known-hosts": str(known)}
        before = ssh_server.keys.read_text()
        with silent(case), pytest.raises(RotateError, match="refuses the leaked key"):
            run(case, book(tmp_path / "one", case))
        assert ssh_server.keys.read_text() == before
        other.keys.unlink()
        other.keys.symlink_to(ssh_server.keys)  # a second host that trusts the same keys
        run(case, book(tmp_path / "two", case))
        ended(case, lambda case: None)
        assert other.lets_in(case.held()[VALUE].reveal().decode())
        assert not other.lets_in(case.old[VALUE].reveal().decode())


def test_a_host_whose_key_is_not_known_is_refused(ssh_server: SSHD, tmp_path: Path) -> None:
    case = made(ssh_server)
    wrong = tmp_path / "known"
    for text in ("", f"[127.0.0.1]:{ssh_server.port} {pair()[1]}\n"):
        wrong.write_text(text)
        case.options = {**case.options, "known-hosts": str(wrong)}
        with silent(case), pytest.raises(RotateError, match="known_hosts"):
            run(case, book(tmp_path / f"l{len(text)}", case))
    assert wrong.read_text() != "" and case.opens(case.old) and case.held() == case.old


def test_a_key_with_a_fixed_command_or_in_another_file_is_left_to_a_person(ssh_server: SSHD, tmp_path: Path) -> None:
    case = made(ssh_server, options='command="echo backup"')
    with silent(case), pytest.raises(RotateError, match="a fixed command"):
        run(case, book(tmp_path / "one", case))
    case = made(ssh_server)
    case.options = {**case.options, "authorized-keys": str(tmp_path / "other")}
    with silent(case), pytest.raises(RotateError, match="--set authorized-keys=PATH"):
        run(case, book(tmp_path / "two", case))
    assert case.opens(case.old)


def test_a_value_that_is_no_key_or_has_a_passphrase_is_told(ssh_server: SSHD, tmp_path: Path) -> None:
    for number, value in enumerate(("not a key at all", pair(passphrase="words")[0], pair("rsa", "pem", "words")[0])):
        case = made(ssh_server)
        case = Case("ssh-key", {VALUE: Secret(value.encode())}, case.opens, os.environ, account=ssh_server.account,
                    options=case.options)  # fmt: skip
        with silent(case), pytest.raises(RotateError, match="damaged, or with a passphrase"):
            run(case, book(tmp_path / str(number), case))


@pytest.mark.parametrize("account", ["-oProxyCommand=x@h", "a@-oProxyCommand=x", "nobody", "a@h:port", "a b@h", ""])
def test_an_account_that_is_no_login_is_refused(ssh_server: SSHD, account: str) -> None:
    case = made(ssh_server)
    case.account = account
    with pytest.raises(RotateError, match="wants user@host"):
        driver.connected(case.job(entry()).asked, os.environ)


def test_nothing_of_the_users_own_logs_in_instead(ssh_server: SSHD, monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent or a configuration that has a key which works must not prove another one."""
    good, bad = made(ssh_server), pair()[0]
    with ssh.holding(good.old[VALUE].reveal()) as own:
        monkeypatch.setenv("SSH_AUTH_SOCK", own)
        login = ssh.Login(ssh_server.user, "127.0.0.1", ssh_server.port, str(ssh_server.known_hosts))
        assert ssh.run(own, login, "true").code == 0
        with ssh.holding(bad.encode()) as agent:
            done = ssh.run(agent, login, "true")
    assert done.code == 255 and "Permission denied" in done.said


def test_no_file_has_a_key(ssh_server: SSHD, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "t"))
    (tmp_path / "t").mkdir()
    case = made(ssh_server)
    with ssh.holding(case.old[VALUE].reveal()) as agent:
        [folder] = (tmp_path / "t").iterdir()
        assert folder.stat().st_mode & 0o777 == 0o700 and [p.name for p in folder.iterdir()] == ["agent"]
        assert not Path(agent).is_file()
    assert list((tmp_path / "t").iterdir()) == []
