"""Values on the wire are msgpack: what is unknown is an extension, what has any type comes with its type."""

import json
from typing import Any

import msgpack

UNKNOWN = msgpack.ExtType(0, b"\0")
Block = dict[str, Any]  # {"attributes": {name: {"type", "mode"}}, "blocks": {name: Block}}


def unpacked(data: bytes) -> Any:
    return msgpack.unpackb(data, raw=False, strict_map_key=False, ext_hook=lambda code, _: UNKNOWN)


def packed(value: Any) -> bytes:
    return bytes(msgpack.packb(value))


def is_any(kind: Any) -> bool:
    """Whether an attribute is served with no type of its own: objects could not leave out anything."""
    return "dynamic" in json.dumps(kind) or "object" in json.dumps(kind)


def is_write_only(name: str, one: dict[str, Any]) -> bool:
    return name.endswith("_wo") and one["mode"] != "computed"


def without_write_only(value: Any, block: Block) -> Any:
    """A state: what is write-only is null in it, wherever it stands."""
    if not isinstance(value, dict):
        return value
    kept = {
        name: None if name in block["attributes"] and is_write_only(name, block["attributes"][name]) else one
        for name, one in value.items()
    }
    for name, inner in block["blocks"].items():
        if isinstance(kept.get(name), list):
            kept[name] = [without_write_only(one, inner) for one in kept[name]]
    return kept


def from_json(value: Any, block: Block) -> Any:
    """A state as it stands in the file, as it is sent."""
    if not isinstance(value, dict):
        return value
    told = {}
    for name, one in value.items():
        if name in block["blocks"] and isinstance(one, list):
            told[name] = [from_json(inner, block["blocks"][name]) for inner in one]
        elif one is not None and name in block["attributes"] and is_any(block["attributes"][name]["type"]):
            told[name] = [json.dumps(one["type"]).encode(), one["value"]]
        else:
            told[name] = one
    return told


def plain(value: Any) -> Any:
    """What a test compares: no nulls, no types, no unknown values."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items() if one is not None and one != UNKNOWN}
    if isinstance(value, list):
        if len(value) == 2 and isinstance(value[0], bytes):
            return plain(value[1])
        return [plain(one) for one in value]
    return value
