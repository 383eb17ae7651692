"""OpenBao with a key-value engine of each version, in a mount of its own for every test."""

from itertools import count

import hvac
import pytest
from engines import OpenBao
from opened import Laws, Opened

from secretsweep.model import Reference
from secretsweep.stores import Options, vault

VARIANTS = ("kv1", "kv2")
LAWS = Laws(r"[A-Za-z0-9/_.-]+", 512, "hvac")
_number = count()


def mounted(bao: OpenBao, version: str) -> str:
    """A new engine; its mount."""
    mount = f"{version}/{next(_number)}"
    client(bao).sys.enable_secrets_engine("kv", path=mount, options={"version": version.removeprefix("kv")})
    return mount


def client(bao: OpenBao, token: str = "") -> hvac.Client:
    return hvac.Client(url=bao.url, token=token or bao.token)


def opened(variant: str, request: pytest.FixtureRequest) -> Opened:
    bao: OpenBao = request.getfixturevalue("bao")
    mount = mounted(bao, variant)
    kv = client(bao).secrets.kv

    def about(reference: Reference) -> dict[str, str]:
        if variant == "kv1":
            fields = dict(kv.v1.read_secret(reference.path, mount_point=mount)["data"])
            return {name: value for name, value in fields.items() if name != reference.field}
        answer = kv.v2.read_secret_metadata(reference.path, mount_point=mount)
        return dict(answer["data"]["custom_metadata"])

    def everything(reference: Reference) -> str:
        if variant == "kv1":
            return repr(about(reference))
        return repr(kv.v2.read_secret_metadata(reference.path, mount_point=mount)["data"])

    return Opened(
        module=vault,
        options=Options(mount=mount),
        environ=bao.environ,
        largest=1_000_000,
        too_large=33 * 2**20,  # the server's limit is 32 MiB for a request
        about=about,
        everything=everything,
        unreachable=lambda url: (Options(mount=mount), {"VAULT_ADDR": url, "VAULT_TOKEN": "none"}),
    )
