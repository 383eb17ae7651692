"""Memory, which no server can be missing of."""

import pytest
from opened import Laws, Opened

from secretsweep.model import Reference
from secretsweep.stores import Options, memory
from secretsweep.stores.memory import Memory

VARIANTS = ("",)
LAWS = Laws(r"[A-Za-z0-9/_.-]+", 512)


class _Same:
    """The module, with one store for all connections."""

    NAME, NEEDS = memory.NAME, memory.NEEDS
    fitted, reference, grants = memory.fitted, memory.reference, memory.grants

    def __init__(self) -> None:
        self.fitted, self.reference, self.grants = memory.fitted, memory.reference, memory.grants
        self.held = Memory()
        self.connected = lambda options, environ: self.held


def opened(variant: str, request: pytest.FixtureRequest) -> Opened:
    module = _Same()

    def about(reference: Reference) -> dict[str, str]:
        return dict(module.held.about[reference.path])

    return Opened(
        module=module,  # type: ignore[arg-type]
        options=Options(),
        environ={},
        largest=60_000,
        too_large=0,
        about=about,
        everything=lambda reference: repr(about(reference)),
        unreachable=lambda url: (Options(), {}),
    )
