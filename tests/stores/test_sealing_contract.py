"""Every store that seals keeps the same promises: exact bytes, another text each time, no value in what it says."""

import base64
import binascii
from collections.abc import Mapping
from pathlib import Path

import pytest
from opened import opener
from test_store_contract import VALUES, without

from secretsweep import stores
from secretsweep.errors import StoreError, UsageError
from secretsweep.model import Reference, Secret
from secretsweep.stores import Module, Options, Sealer

NAMES = [name for name in stores.names() if stores.sealing(stores.named(name))]
SEALING = [(name, variant) for name in NAMES for variant in opener(name).SEALING]
Configured = tuple[Module, Options, Mapping[str, str]]


@pytest.fixture(params=SEALING, ids=lambda p: "-".join(filter(None, p)))
def configured(request: pytest.FixtureRequest, tmp_path: Path) -> Configured:
    name, variant = request.param
    return (stores.named(name), *opener(name).configured(variant, tmp_path))


@pytest.fixture
def sealer(configured: Configured) -> Sealer:
    module, options, environ = configured
    found = module.connected(options, environ)
    assert isinstance(found, Sealer)
    assert not hasattr(found, "create")
    return found


def test_there_are_two() -> None:
    assert NAMES == ["ansible-vault", "sealed-secrets"]


@pytest.mark.parametrize("value", [*VALUES.values(), b""], ids=[*VALUES, "nothing"])
def test_a_value_comes_back_byte_for_byte_or_to_nobody(sealer: Sealer, value: bytes) -> None:
    assert sealer.opened(sealer.sealed(Secret(value), "shop/db")) in (Secret(value), None)


def test_each_ciphertext_is_another_one(sealer: Sealer) -> None:
    value = Secret(b"Tr0ub4dor-and-3")
    assert len({sealer.sealed(value, "shop/db") for _ in range(4)}) == 4


@pytest.mark.parametrize("value", [b"Tr0ub4dor-and-3", b"Summer-2024-prod" * 400])
def test_no_ciphertext_holds_the_value(sealer: Sealer, value: bytes) -> None:
    text = sealer.sealed(Secret(value), "shop/db")
    assert text.isascii()
    assert text.isprintable() or set(text.split("\n")[0]) <= set(map(chr, range(32, 127)))
    inner = "".join(text.split("\n")[1:]) or text
    tried = [text.encode()]
    for decode in (base64.b64decode, binascii.unhexlify, lambda t: binascii.unhexlify(binascii.unhexlify(t)[65:])):
        try:
            tried.append(decode(inner))
        except (binascii.Error, ValueError):
            continue
    assert not any(value[:8] in one for one in tried)


def test_a_reference_is_of_whom_it_is_sealed_for(configured: Configured, sealer: Sealer) -> None:
    module, options, _ = configured
    reference = module.reference("group_vars/all.yml", options)
    assert reference == Reference(module.NAME, "group_vars/all.yml")
    resolved = sealer.resolved(reference)
    assert resolved.scope
    assert resolved._replace(scope="") == reference
    assert sealer.resolved(resolved) == resolved


def test_nobody_else_is_to_be_granted_anything(configured: Configured) -> None:
    module, options, _ = configured
    assert module.grants([module.reference("a.yml", options)]) == ""


def test_it_may_be_closed_twice(sealer: Sealer) -> None:
    sealer.close()
    sealer.close()


def test_a_plan_says_where_values_live(configured: Configured) -> None:
    assert stores.sealing(configured[0]).startswith("encrypted where they stand, with the ")


@pytest.mark.parametrize("name", NAMES)
def test_without_a_key_it_says_what_to_set(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(UsageError, match=r"(?:SEALED_SECRETS_CERT|ANSIBLE_VAULT_PASSWORD_FILE)"):
        stores.named(name).connected(Options(), {})


def test_what_is_not_a_ciphertext_of_its_own_is_told(sealer: Sealer) -> None:
    text = sealer.sealed(Secret(b"Tr0ub4dor-and-3"), "")
    if sealer.opened(text) is None:
        return
    for broken in ("", "abc", text[:-2], text.replace("$ANSIBLE_VAULT", "$VAULT"), text.rpartition("\n")[0]):
        with pytest.raises(StoreError) as raised:
            sealer.opened(broken)
        without(b"Tr0ub4dor-and-3", raised.value)
