"""Every store keeps the same promises: exact bytes, create only, clear errors, and no value in anything it says."""

import base64
import hashlib
import logging
import re
import socket
import subprocess
import sys
import traceback
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opened import Opened, laws, nowhere, of, variants

from secretsweep import stores
from secretsweep.errors import StoreError, UsageError
from secretsweep.model import Secret
from secretsweep.stores import Options, Store, Taken

ABOUT = {"managed-by": "secretsweep", "rotation-due": "true", "found-in": "group_vars/prod.yml:3, a/main.tf:12"}
PEM = b"-----BEGIN PRIVATE KEY-----\nMIIBVQ==\n-----END PRIVATE KEY-----\n"
VALUES = {
    "a word": b"Tr0ub4dor-and-3",
    "a trailing newline": b"Tr0ub4dor-and-3\n",
    "spaces around": b"  Tr0ub4dor and 3\t",
    "carriage returns": b"one\r\ntwo\r\n",
    "NUL": b"before\0after",
    "UTF-8": "p\u00e4ssw\u00f6rd \u2028 \U0001f511 \ufeff".encode(),
    "no UTF-8": b"\xff\xfe\x00\x80p12",
    "every byte": bytes(range(256)),
    "one byte": b"x",
    "one byte that is no text": b"\xff",
    "a PEM": PEM,
    "what looks like JSON": b'{"value": "x", "encoding": "base64"}',
    "what looks like base64": base64.b64encode(bytes(range(128, 168))),
    "what looks like a template": b"${x} $(y) {{ z }} %s \\u0041 <&>",
}


@pytest.fixture(params=variants(), ids=lambda p: "-".join(filter(None, p)))
def opened(request: pytest.FixtureRequest) -> Opened:
    return of(*request.param, request)


@pytest.fixture
def store(opened: Opened) -> Iterator[Store]:
    store = opened.store()
    yield store
    store.close()


def without(value: bytes, error: BaseException, log: str = "") -> None:
    """No trace of a value in what an exception and everything behind it says, or in the log."""
    said = [log]
    chain = [error]
    for current in chain:
        said += (str(current), repr(current), repr(current.args), repr(vars(current)))
        chain += filter(None, (current.__context__, current.__cause__))
    said += traceback.format_exception(error)
    whole = "\n".join(said)
    for form in (value.decode("latin-1"), base64.b64encode(value).decode(), repr(value)[2:-1]):
        assert form not in whole
    for name in ("md5", "sha1", "sha256", "sha512"):
        assert hashlib.new(name, value).hexdigest() not in whole


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_a_value_comes_back_byte_for_byte(opened: Opened, store: Store, value: bytes) -> None:
    reference = store.resolved(opened.named("iac/shop/db-password"))
    for part, why in opened.refuses.items():
        if part in value:
            with pytest.raises(StoreError, match=why):
                store.create(reference, Secret(value), ABOUT)
            assert store.get(reference) is None
            return
    store.create(reference, Secret(value), ABOUT)
    assert store.get(reference) == Secret(value)
    again = opened.store()
    assert again.get(again.resolved(reference)) == Secret(value)
    again.close()


def test_a_large_value_comes_back_byte_for_byte(opened: Opened, store: Store) -> None:
    value = (PEM * (opened.largest // len(PEM) + 1))[: opened.largest]
    reference = store.resolved(opened.named("iac/shop/large"))
    store.create(reference, Secret(value), ABOUT)
    assert store.get(reference) == Secret(value)


def test_where_nothing_is_nothing_comes_back(opened: Opened, store: Store) -> None:
    assert store.get(store.resolved(opened.named("iac/shop/nothing"))) is None


@pytest.mark.parametrize("other", [b"Summer-2024-prod", b"C0rrect-horse-9"], ids=["the same value", "another value"])
def test_a_taken_path_keeps_its_value(opened: Opened, store: Store, other: bytes) -> None:
    reference = store.resolved(opened.named("iac/shop/taken"))
    store.create(reference, Secret(b"Summer-2024-prod"), ABOUT)
    with pytest.raises(Taken) as raised:
        store.create(reference, Secret(other), ABOUT)
    without(other, raised.value)
    assert store.get(reference) == Secret(b"Summer-2024-prod")


def _is_binary(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return True
    return False


@pytest.mark.parametrize("value", [v for k, v in VALUES.items() if k != "what looks like a template"], ids=str)
def test_the_next_version_takes_the_place_of_the_current_one(opened: Opened, store: Store, value: bytes) -> None:
    reference = store.resolved(opened.named("iac/shop/rotated"))
    store.create(reference, Secret(b"Summer-2024-prod"), ABOUT)
    mixes = opened.module.NAME == "aws-ssm" and _is_binary(value)  # Parameter Store keeps one encoding a name
    if reference.version == 1 or mixes or any(part in value for part in opened.refuses):
        with pytest.raises(StoreError):
            store.advance(reference, Secret(b"Summer-2024-prod"), Secret(value))
        assert store.get(reference) == Secret(b"Summer-2024-prod")
        return
    store.advance(reference, Secret(b"Summer-2024-prod"), Secret(value))
    assert store.get(reference) == Secret(value)
    store.advance(reference, Secret(value), Secret(b"C0rrect-horse-9"))
    assert store.get(reference) == Secret(b"C0rrect-horse-9")


@pytest.mark.parametrize("held", [b"C0rrect-horse-9", None], ids=["another value", "nothing"])
def test_what_is_not_the_current_value_is_not_followed_by_another(
    opened: Opened, store: Store, held: bytes | None
) -> None:
    reference = store.resolved(opened.named("iac/shop/rotated"))
    if held is not None:
        store.create(reference, Secret(held), ABOUT)
    old, new = Secret(b"Summer-2024-prod"), Secret(b"Tr0ub4dor-and-3")
    with pytest.raises((Taken, StoreError)) as raised:
        store.advance(reference, old, new)
    without(b"Tr0ub4dor-and-3", raised.value)
    assert raised.type is Taken or reference.version == 1
    assert store.get(reference) == (Secret(held) if held is not None else None)


def test_two_paths_are_two_values(opened: Opened, store: Store) -> None:
    one, two = (store.resolved(opened.named(path)) for path in ("iac/shop/db", "iac/shop/db/replica"))
    store.create(one, Secret(b"first-Passw0rd"), ABOUT)
    store.create(two, Secret(b"second-Passw0rd"), ABOUT)
    assert (store.get(one), store.get(two)) == (Secret(b"first-Passw0rd"), Secret(b"second-Passw0rd"))


def test_what_is_said_of_a_value_is_kept_beside_it_and_tells_nothing(opened: Opened, store: Store) -> None:
    value = b"Tr0ub4dor-and-3"
    about = ABOUT | {"found-in": "group_vars/Tr0ub4dor-and-3.yml:3"}
    reference = store.resolved(opened.named("iac/shop/about"))
    store.create(reference, Secret(value), about)
    without(value, StoreError(opened.everything(reference)))
    if not opened.says:
        return
    kept = opened.about(reference)
    assert (kept["managed-by"], kept["rotation-due"]) == ("secretsweep", "true")
    assert kept["found-in"].startswith("group_vars/")
    assert kept["found-in"].endswith(".yml:3")


def test_a_value_that_is_too_large_is_told(opened: Opened, store: Store) -> None:
    if not opened.too_large:  # memory and sops have no limit
        store.create(opened.named("iac/large"), Secret(b"x" * 1_000_000), ABOUT)
        return
    value = (b"Tr0ub4dor-and-3 " * (opened.too_large // 16 + 1))[: opened.too_large]
    reference = store.resolved(opened.named("iac/shop/large"))
    with pytest.raises(StoreError, match="too large") as raised:
        store.create(reference, Secret(value), ABOUT)
    without(b"Tr0ub4dor-and-3", raised.value)
    assert store.get(reference) is None


def test_a_server_that_is_not_there_is_named(opened: Opened, caplog: pytest.LogCaptureFixture) -> None:
    if opened.module.NAME == "memory":  # has no server
        return
    caplog.set_level(logging.DEBUG)
    url = nowhere()
    options, environ = opened.unreachable(url)
    value = Secret(b"Tr0ub4dor-and-3")
    nowhere_named = opened.module.reference(opened.module.fitted("iac/shop/db"), options)
    with pytest.raises(StoreError, match=re.escape(url.removeprefix("http://"))) as raised:
        opened.module.connected(options, environ).create(nowhere_named, value, ABOUT)
    assert raised.value.exit_code == 4
    assert raised.value.__context__ is None
    without(value.reveal(), raised.value, caplog.text)


def test_not_even_a_debug_log_holds_a_value(opened: Opened, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    store = opened.store()
    reference = store.resolved(opened.named("iac/shop/logged"))
    store.create(reference, Secret(b"Tr0ub4dor-and-3"), ABOUT)
    assert store.get(reference) is not None
    store.close()
    without(b"Tr0ub4dor-and-3", StoreError(""), caplog.text)


def test_the_server_adds_to_a_reference_what_it_knows_and_keeps_its_path(opened: Opened, store: Store) -> None:
    reference = opened.named("iac/shop/db")
    resolved = store.resolved(reference)
    assert (resolved.store, resolved.path, resolved.field) == (reference.store, reference.path, reference.field)
    assert store.resolved(resolved) == resolved


def test_a_connection_may_be_closed_twice(opened: Opened) -> None:
    store = opened.store()
    store.close()
    store.close()


def test_readers_are_granted_these_paths_and_nothing_else(opened: Opened, store: Store) -> None:
    if opened.module.NAME == "memory":  # nobody else reads it
        assert opened.module.grants([opened.named("iac/shop/db")]) == ""
        return
    references = [store.resolved(opened.named(f"iac/shop/{name}")) for name in ("db", "cache")]
    text = opened.module.grants(references)
    assert all(reference.path.lstrip("/") in text for reference in references)
    assert opened.module.grants(list(reversed(references))) == text
    assert not re.search(r"(?i)\b(write|put|update|delete|list|owner|admin)\b|\"\*\"", text)


NAMES = stores.names()


@pytest.mark.parametrize("name", NAMES)
@given(path=st.text(max_size=40) | st.text("ab/._- A", max_size=60) | st.text("aZ-/", min_size=500, max_size=1500))
def test_a_fitted_path_is_allowed_and_fits(name: str, path: str) -> None:
    module, law = stores.named(name), laws(name)
    fitted = module.fitted(path)
    assert re.fullmatch(law.allowed, fitted), fitted
    assert len(fitted) + len("-99") <= law.longest  # planning may put a number behind it
    assert module.fitted(fitted) == fitted
    assert not {"", ".", ".."} & set(fitted.removeprefix("/").split("/"))


@pytest.mark.parametrize("name", NAMES)
def test_a_usual_path_is_still_read_easily(name: str) -> None:
    fitted = stores.named(name).fitted("iac/shop/group_vars/db.prod: main")
    assert re.fullmatch(r"/?iac[/-]shop[/-]group[_-]vars[/-]db[.-]prod-main", fitted)


@pytest.mark.parametrize("name", NAMES)
def test_a_reference_asks_nobody(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def connecting(*arguments: object) -> None:
        raise AssertionError("asked the network")

    monkeypatch.setattr(socket.socket, "connect", connecting)
    module = stores.named(name)
    options = Options(mount="kv", region="eu-west-1", project="shop-1", url="https://shop.vault.azure.net")
    path = module.fitted("iac/shop/db-password")
    found = module.reference(path, options)
    assert found == module.reference(path, options)
    assert found.store == name
    assert found.path == ("iac/shop.enc.yaml" if stores.keeps_files(module) else path)


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_library_is_told_with_its_extra(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module = stores.named(name)
    if not module.NEEDS:
        assert module.connected(Options(), {})
        return
    monkeypatch.setitem(sys.modules, laws(name).library, None)
    with pytest.raises(UsageError, match=rf"pip install 'secretsweep\[{module.NEEDS}\]'"):
        module.connected(Options(url="https://127.0.0.1:1", project="shop-1"), {})


def test_no_vendors_library_is_imported_before_a_store_connects() -> None:
    program = (
        "import sys; from secretsweep import stores\n"
        "for name in stores.names(): stores.named(name)\n"
        "heavy = {'hvac', 'boto3', 'botocore', 'azure', 'google.auth', 'google.cloud', 'requests'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run((sys.executable, "-c", program), capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
