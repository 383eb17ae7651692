"""sops in an empty folder: with a key of age, and with a transit key of OpenBao."""

from itertools import count
from pathlib import Path

import hvac
import pytest
from engines import OpenBao, sops_key, tool
from opened import Laws, Opened

from secretsweep.stores import Options, sops

VARIANTS = ("age", "transit")
LAWS = Laws(r"[A-Za-z0-9/_.-]+", 240)
_number = count()


def transit(bao: OpenBao) -> dict[str, str]:
    """A new key in OpenBao."""
    client = hvac.Client(url=bao.url, token=bao.token)
    if "transit/" not in client.sys.list_mounted_secrets_engines()["data"]:
        client.sys.enable_secrets_engine("transit")
    name = f"sops-{next(_number)}"
    client.secrets.transit.create_key(name)
    return {"SOPS_VAULT_URIS": f"{bao.url}/v1/transit/keys/{name}", **bao.environ}


def opened(variant: str, request: pytest.FixtureRequest) -> Opened:
    folder: Path = request.getfixturevalue("tmp_path")
    patch: pytest.MonkeyPatch = request.getfixturevalue("monkeypatch")
    patch.setenv("PATH", str(Path(tool("sops")).parent), prepend=":")
    tree = folder / "tree"
    tree.mkdir()
    environ = sops_key(folder) if variant == "age" else transit(request.getfixturevalue("bao"))
    return Opened(
        module=sops,
        options=Options(tree=str(tree)),
        environ=environ,
        largest=1_000_000,
        too_large=0,
        about=lambda reference: {},
        everything=lambda reference: (tree / reference.path).read_text(),
        unreachable=lambda url: (Options(tree=str(tree)), {"SOPS_VAULT_URIS": f"{url}/v1/transit/keys/x"}),
        refuses={b"\xff": "no text"},
        says=False,
    )
