"""A mirror of providers that are all this test double, with schemas out of the real ones' bindings.

The wheels come from the package index once: scripts/engines.sh puts them into .engines.
"""

import hashlib
import json
import os
import platform
import sys
import zipfile
from collections.abc import Collection
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(_ROOT / "scripts"))

from engines import ENGINES  # noqa: E402
from schemas.bindings import derive  # noqa: E402

CACHE = ENGINES / "schemas"
PROTOCOL = "pyvider==0.8.1"  # has the messages of protocol 6; only two of its files are used
BINDINGS = {
    "aws": "cdktn-provider-aws==25.8.1",
    "vault": "cdktn-provider-vault==18.3.0",
    "helm": "cdktn-provider-helm==15.1.0",
    "azurerm": "cdktn-provider-azurerm==18.9.0",
    "google": "cdktn-provider-google==21.1.0",
}
_TEXT = {"type": "string", "mode": "optional"}
_ROLE = {"attributes": {"name": _TEXT}, "blocks": {}}
_NONE: dict[str, Any] = {"resource": {"postgresql_role": _ROLE}, "data": {}, "ephemeral": {}}
_MAP = ["map", "string"]
_FILE: dict[str, Any] = {  # as the provider's documentation has it, which is in no package: docs/data-sources/file.md
    "attributes": {
        "source_file": {"type": "string", "mode": "required"},
        "input_type": _TEXT,
        "env": {"type": _MAP, "mode": "optional"},
        "data": {"type": _MAP, "mode": "computed"},
        "raw": {"type": "string", "mode": "computed"},
    },
    "blocks": {},
}
_OTHERS: dict[str, dict[str, Any]] = {
    "sops": {"resource": {}, "data": {"sops_file": _FILE}, "ephemeral": {"sops_file": _FILE}}
}
# providers of which tests need little more than the configuration
_SMALL: dict[str, dict[str, Any]] = {
    "carlpett/sops": {"attributes": {}, "blocks": {}},
    "cyrilgdn/postgresql": {"attributes": dict.fromkeys(("host", "username", "password"), _TEXT), "blocks": {}},
    "hashicorp/datadog": {"attributes": {"api_key": _TEXT}, "blocks": {}},
    "hashicorp/grafana": {"attributes": dict.fromkeys(("url", "auth"), _TEXT), "blocks": {}},
    "hashicorp/docker": {
        "attributes": {},
        "blocks": {
            "registry_auth": {
                "attributes": dict.fromkeys(("address", "username", "password"), _TEXT),
                "blocks": {},
            }
        },
    },
}
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def wheel(requirement: str) -> Path:
    """A wheel that the test command has fetched."""
    name, _, version = requirement.replace("-", "_").partition("==")
    found = list((ENGINES / "wheels").glob(f"{name}-{version}-*.whl"))
    assert found, f"{requirement} is not in .engines/wheels: scripts/test fetches what scripts/engines/wheels.txt names"
    return found[0]


def laid_out(folder: Path, kinds: Collection[str]) -> Path:
    """The mirror's configuration file for Terraform, below a folder; providers have only these types."""
    stub = folder / "stub"
    stub.mkdir(parents=True)
    _protocol(stub)
    for provider in BINDINGS:
        own = sorted(kind for kind in kinds if kind.startswith(f"{provider}_"))
        if own:
            schema = _schema(provider, own)
            (stub / f"{provider}.json").write_text(json.dumps(schema))
            _program(folder, stub, "hashicorp", provider, schema["version"])
    for address, block in _SMALL.items():
        namespace, _, provider = address.partition("/")
        (stub / f"{provider}.json").write_text(json.dumps(_OTHERS.get(provider, _NONE) | {"provider": block}))
        _program(folder, stub, namespace, provider, "9.9.9")
    _program(folder, stub, "carlpett", "sops", "1.1.2")  # before it had anything ephemeral, as far as tests look
    configuration = folder / "terraform.rc"
    configuration.write_text(
        f'provider_installation {{\n  filesystem_mirror {{\n    path = "{folder / "mirror"}"\n  }}\n}}\n'
    )
    return configuration


def _schema(provider: str, kinds: list[str]) -> dict[str, Any]:
    """Read from the bindings once: they have up to 150 MB of JSON."""
    key = hashlib.sha256(json.dumps([BINDINGS[provider], kinds]).encode()).hexdigest()[:16]
    file = CACHE / f"{provider}-{key}.json"
    if not file.exists():
        found = derive(wheel(BINDINGS[provider]), kinds)
        schema = found | {"provider": next(iter(found["provider"].values()))}
        file.parent.mkdir(parents=True, exist_ok=True)
        made = file.with_suffix(f".{os.getpid()}")  # other processes look for it meanwhile
        made.write_text(json.dumps(schema))
        made.replace(file)
    read: dict[str, Any] = json.loads(file.read_text())
    return read


def _protocol(folder: Path) -> None:
    with zipfile.ZipFile(wheel(PROTOCOL)) as archive:
        for name in ("tfplugin6_pb2.py", "tfplugin6_pb2_grpc.py"):
            text = archive.read(f"pyvider/protocols/tfprotov6/protobuf/{name}").decode()
            text = text.replace("from pyvider.protocols.tfprotov6.protobuf import", "import")
            (folder / name).write_text(text)


def _program(folder: Path, stub: Path, namespace: str, provider: str, version: str) -> None:
    system = f"{sys.platform}_{_MACHINES[platform.machine()]}"
    where = folder / "mirror" / "registry.terraform.io" / namespace / provider / version / system
    where.mkdir(parents=True)
    program = where / f"terraform-provider-{provider}_v{version}"
    script = Path(__file__).with_name("provider.py")
    program.write_text(
        f"#!/bin/sh\nexport STUB_PROVIDER={provider} STUB_FOLDER='{stub}'\nexec '{sys.executable}' '{script}'\n"
    )
    program.chmod(0o755)
