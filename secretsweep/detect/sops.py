"""What a file that SOPS encrypted holds in clear text, though its own rules say that it is encrypted."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from secretsweep import formats, lazyre
from secretsweep.formats import dotenv, json, text, yaml
from secretsweep.model import Unit

HINT = lazyre.compile(rb"sops[\"']?:|^sops_mac=|^\[sops\]", re.MULTILINE)
_COMPONENT = lazyre.compile(r'"(?:[^"\\]|\\.)*"|[^."\[\]]+')
_SECTION = lazyre.compile(rb"^[ \t]*\[([^\]\n]*)\]", re.MULTILINE)
_RULES = ("unencrypted_suffix", "encrypted_suffix", "unencrypted_regex", "encrypted_regex")
_NOTHING = frozenset((b"null", b"~", b"[]", b"{}", b'""', b"''"))


class _Rules(NamedTuple):
    """What the metadata says about keys; a key is a component of an address."""

    unencrypted_suffix: str
    encrypted_suffix: str
    unencrypted_regex: str
    encrypted_regex: str

    def wants(self, parts: list[str]) -> bool:
        """Whether the value at these keys is one to encrypt; in the order in which SOPS asks."""
        encrypted = True
        if self.unencrypted_suffix and any(part.endswith(self.unencrypted_suffix) for part in parts):
            encrypted = False
        if self.encrypted_suffix:
            encrypted = any(part.endswith(self.encrypted_suffix) for part in parts)
        if self.unencrypted_regex and any(re.search(self.unencrypted_regex, part) for part in (*parts, "value")):
            encrypted = False  # `value` beside a `name` is not part of an address
        if self.encrypted_regex:
            encrypted = any(re.search(self.encrypted_regex, part) for part in parts)
        return encrypted


def unencrypted(path: str, data: bytes) -> Iterator[Unit]:
    """The literals that should be ciphertext. Nothing of a file that was not encrypted, or does not parse."""
    if not HINT.search(data):
        return
    try:
        documents = _documents(path, data)
    except formats.Unparsed:
        return
    for units in documents:
        said = {unit.key: unit.value for unit in units if unit.key.startswith("sops.")}
        if b"ENC[" not in said.get("sops.mac", b""):
            continue
        if any(key.endswith("_comment_regex") for key in said):
            continue  # comments decide, which no parser tells us
        rules = _Rules(*(said.get(f"sops.{name}", b"").decode("utf-8", "replace") for name in _RULES))
        if not any(rules):
            rules = rules._replace(unencrypted_suffix="_unencrypted")
        try:
            for unit in units:
                if _clear(unit) and rules.wants([part.strip('"') for part in _COMPONENT.findall(unit.key)]):
                    yield unit
        except re.error:  # an expression of Go that Python reads otherwise
            continue


def _clear(unit: Unit) -> bool:
    if unit.key.startswith("sops."):
        return False
    return not unit.value.startswith(b"ENC[") and not (unit.form == "plain" and unit.value in _NOTHING)


def _documents(path: str, data: bytes) -> list[list[Unit]]:
    if dotenv.owns(path, data) or (data.find(b"\nsops_mac=") >= 0 and b"\nsops:" not in data):
        return [[_flat(unit) for unit in dotenv.units(data)]]
    if section := re.search(rb"^\[sops\]", data, re.MULTILINE):
        return [list(_sections(data, section.start()))]
    if data.lstrip()[:1] == b"{":
        return [list(json.units(data))]
    return yaml.documents(data)


def _flat(unit: Unit) -> Unit:
    """`sops_mac` of an environment file is `sops.mac` elsewhere."""
    return unit._replace(key=f"sops.{unit.key[5:]}") if unit.key.startswith("sops_") else unit


def _sections(data: bytes, sops: int) -> Iterator[Unit]:
    """The settings of an INI file, each with its section in the address."""
    heads = [(match.start(), match[1].decode("utf-8", "replace").strip()) for match in _SECTION.finditer(data)]
    for unit in text.units(data):
        name = next((name for at, name in reversed(heads) if at < unit.span.start), "")
        line = data.rfind(b"\n", 0, unit.span.start) + 1
        if data[line : line + 1] not in b"#;" and b"=" in data[line : unit.span.start]:
            yield unit._replace(key=f"{name}.{unit.key}" if name else unit.key)
