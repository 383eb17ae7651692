"""The schema of a Terraform provider, out of its CDK bindings: a wheel holds one JSON document with every type.

The wheels `cdktn-provider-*` are generated from `terraform providers schema -json`. What the bindings do not say
(sensitive, ForceNew, conflicts, set or list) is not here either.
"""

import io
import json
import re
import tarfile
import zipfile
from collections.abc import Collection
from pathlib import Path
from typing import Any

Json = dict[str, Any]

_LINK = re.compile(r"\{@link \S+/providers/[^/]+/[^/]+/(?P<version>[\d.]+)/docs\S* (?P<name>[\w-]+)\}")
_ANCHOR = re.compile(r"\{@link \S+#(?P<name>\w+) ")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BASES = {
    "cdktn.TerraformResource": "resource",
    "cdktn.TerraformDataSource": "data",
    "cdktn.TerraformEphemeralResource": "ephemeral",
    "cdktn.TerraformProvider": "provider",
}
_PRIMITIVES = {"string": "string", "number": "number", "boolean": "bool", "any": "dynamic"}
_META = frozenset(
    "connection count dependsOn forEach lifecycle provider provisioners tfResourceType cdktfStack cdktnStack fqn "
    "friendlyUniqueId node rawOverrides terraformMetaArguments terraformResourceType terraformGeneratorMetadata "
    "constructNodeMetadata".split()
)
_DEPTH = 6


def derive(wheel: Path, only: Collection[str] = ()) -> Json:
    """`{"version", "provider", "resource", "data", "ephemeral"}`: blocks by the type's name; all, or `only` these."""
    types = _assembly(wheel)["types"]
    schema: Json = {"version": "", "provider": {}, "resource": {}, "data": {}, "ephemeral": {}}
    for fqn, found in types.items():
        base = _BASES.get(found.get("base", ""))
        config = types.get(f"{fqn}Config")
        link = _LINK.search(found.get("docs", {}).get("summary", ""))
        if base is None or config is None or link is None:
            continue
        schema["version"] = link["version"]
        if base == "provider" or not only or link["name"] in only:
            block = _block(config, types, 0)
            _add_computed(block, found, types)
            schema[base][link["name"]] = block
    return schema


def _assembly(wheel: Path) -> Json:
    with zipfile.ZipFile(wheel) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".jsii.tgz"))
        packed = archive.read(name)
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        member = tar.extractfile("package/.jsii")
        assert member is not None
        document: Json = json.load(member)
        return document


def _block(interface: Json, types: Json, depth: int) -> Json:
    """`{"attributes": {name: {"type", "mode"}}, "blocks": {name: block}}` of an interface."""
    block: Json = {"attributes": {}, "blocks": {}}
    for prop in interface.get("properties", ()):
        if prop["name"] in _META:
            continue
        name = _name(prop)
        inner = _interface(prop["type"], types)
        docs = prop.get("docs", {})
        if inner is not None and re.search(r"\bblock\b", docs.get("summary", "")) and depth < _DEPTH:
            block["blocks"][name] = _block(inner, types, depth + 1)
        else:
            mode = "optional" if prop.get("optional") else "required"
            block["attributes"][name] = {"type": _type(prop["type"], types, depth), "mode": mode}
    return block


def _add_computed(block: Json, found: Json, types: Json) -> None:
    for prop in found.get("properties", ()):
        name = prop["name"]
        if not prop.get("immutable") or prop.get("static") or name in _META or name.endswith("Input"):
            continue
        snake = _snake(name)
        if snake not in block["attributes"] and snake not in block["blocks"]:
            block["attributes"][snake] = {"type": _type(prop["type"], types, 0), "mode": "computed"}


def _name(prop: Json) -> str:
    docs = prop.get("docs", {})
    found = _ANCHOR.search(f"{docs.get('remarks', '')} {docs.get('summary', '')}")
    return found["name"] if found else _snake(prop["name"])


def _snake(name: str) -> str:
    return _HUMP.sub("_", name).lower()


def _interface(kind: Json, types: Json) -> Json | None:
    """The interface that a type is, or is a collection of."""
    for option in kind.get("union", {}).get("types", (kind,)):
        option = option.get("collection", {}).get("elementtype", option)
        found = types.get(option.get("fqn", ""))
        if found is not None and found["kind"] == "interface":
            return dict(found)
    return None


def _type(kind: Json, types: Json, depth: int) -> Any:
    """The type as Terraform writes it in JSON: `"string"`, `["map", "string"]`."""
    if "primitive" in kind:
        return _PRIMITIVES.get(kind["primitive"], "dynamic")
    if "collection" in kind:
        of = "map" if kind["collection"]["kind"] == "map" else "list"
        return [of, _type(kind["collection"]["elementtype"], types, depth)]
    if "union" in kind:
        options = [o for o in kind["union"]["types"] if not o.get("fqn", "").endswith("IResolvable")]
        return _type(options[0], types, depth) if options else "bool"
    fqn = kind.get("fqn", "")
    if fqn.endswith("IResolvable"):
        return "bool"
    if fqn.endswith("StringMap"):
        return ["map", "string"]
    found = types.get(fqn)
    if found is not None and found["kind"] == "interface" and depth < _DEPTH:
        inner = _block(found, types, depth + 1)
        if inner["attributes"] and not inner["blocks"]:
            return ["object", {name: one["type"] for name, one in inner["attributes"].items()}]
    return "dynamic"
