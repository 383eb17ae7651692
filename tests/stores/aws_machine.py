"""A machine where AWS's own files say nothing, and boto3 asks once."""

from collections.abc import Callable, Mapping

import pytest
from engines import Moto

from secretsweep.stores import Options


def empty(monkeypatch: pytest.MonkeyPatch, aws: Moto | None = None) -> dict[str, str]:
    """The environment, which is the process's as well: boto3 reads that one."""
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_SESSION_TOKEN", "AWS_CA_BUNDLE", *Moto("").environ):
        monkeypatch.delenv(name, raising=False)
    files = {"AWS_CONFIG_FILE": "/nowhere/config", "AWS_SHARED_CREDENTIALS_FILE": "/nowhere/credentials"}
    environ = files | {"AWS_MAX_ATTEMPTS": "1", "AWS_EC2_METADATA_DISABLED": "true"} | (aws.environ if aws else {})
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return environ


def unreachable(environ: Mapping[str, str]) -> Callable[[str], tuple[Options, Mapping[str, str]]]:
    """The same with a server at another URL."""
    return lambda url: (Options(url=url), environ)
