"""Values that stay in their files as ciphertexts: made when a plan is applied, and read again where one can."""

import os
from dataclasses import replace
from typing import NamedTuple

from secretsweep import stores
from secretsweep.errors import StoreError
from secretsweep.model import Change, FileEdit, Plan, Seal, Secret


class Key(NamedTuple):
    """What seals a journal: a key of its own, and what the store made of it; "" when only others could open that."""

    secret: Secret
    sealed: str


def key(sealer: stores.Sealer) -> Key:
    """Whoever can open the values can open it."""
    secret = Secret(os.urandom(32))
    text = sealer.sealed(secret, "")
    return Key(secret, text if sealer.opened(text) == secret else "")


def filled(chosen: Plan, sealer: stores.Sealer) -> Plan:
    """The plan with ciphertexts for its marks. StoreError when one does not read back as what it was made of."""
    return replace(chosen, changes=tuple(_filled(change, sealer) for change in chosen.changes))


def _filled(change: Change, sealer: stores.Sealer) -> Change:
    edits = list(change.edits)
    for seal in change.seals:
        mark = seal.mark.encode()
        [at] = (number for number, (_, edit) in enumerate(edits) if mark in edit.text)
        path, edit = edits[at]
        edits[at] = FileEdit(path, edit._replace(text=_placed(edit.text, mark, _made(seal, sealer))))
    return replace(change, edits=tuple(edits), seals=())


def _made(seal: Seal, sealer: stores.Sealer) -> str:
    text = sealer.sealed(seal.secret, seal.label)
    if sealer.opened(text) not in (None, seal.secret):
        raise StoreError(f"{seal.mark}: reads back differently from what was encrypted; no file was changed")
    return text


def _placed(text: bytes, mark: bytes, ciphertext: str) -> bytes:
    """In the mark's place; each line begins as the mark's does, and ends as the others do."""
    before, _, after = text.partition(mark)
    begins = before[before.rfind(b"\n") + 1 :]
    ends = b"\r\n" if b"\r\n" in text else b"\n"
    return before + (ends + begins).join(ciphertext.encode().split(b"\n")) + after
