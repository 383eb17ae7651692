"""What an argument may be given: a value that nobody keeps, one that the state keeps, or none at all.

developer.hashicorp.com/terraform/language/manage-sensitive-data/ephemeral lists where ephemeral values may stand.
"""

from enum import Enum
from typing import NamedTuple

from secretsweep import lazyre
from secretsweep.writers import _terraform_writeonly
from secretsweep.writers._terraform_module import Place
from secretsweep.writers._terraform_writeonly import Twin


class Takes(Enum):
    EPHEMERAL = "ephemeral"  # the value is never kept
    TWIN = "twin"  # another argument of its block takes it so
    PLAIN = "plain"  # the state keeps it
    FLOWS = "flows"  # a local, or the input of a module: its uses decide
    NOTHING = "nothing"


class Sink(NamedTuple):
    takes: Takes
    twin: Twin | None = None
    reason: str = ""
    instead: str = ""


_META = frozenset(("count", "for_each", "depends_on", "provider", "providers", "source", "version"))
# arguments that hand values to what runs later, and could fetch them itself
_WORKLOADS = {
    "user_data": "let the machine fetch it at boot, with a role that may read it",
    "user_data_base64": "let the machine fetch it at boot, with a role that may read it",
    "custom_data": "let the machine fetch it at boot, with an identity that may read it",
    "metadata_startup_script": "let the machine fetch it at boot, with a service account that may read it",
    "container_definitions": "name it in `secrets` with `valueFrom`: the agent fetches it with the execution role",
    "environment": "let the function fetch it when it starts, with a role that may read it",
    "environment_variables": "let the workload fetch it when it starts, with a role that may read it",
    "app_settings": "refer to it as @Microsoft.KeyVault(SecretUri=…): the app fetches it with its identity",
    "env": "use the reference that env has for secrets (value_from, value_source)",
}
_WORKLOAD_BLOCKS = {"environment": "environment", "env": "env", "environment_variable": "environment_variables"}
_MACHINES = lazyre.compile(r"google_compute_instance\w*")


def sink(place: Place) -> Sink:
    """What an argument takes."""
    top, name = place.top, place.attribute.name
    inner = [block for block in place.blocks[1:] if block.kind != "content"]
    kinds = [block.labels[0] if block.kind == "dynamic" and block.labels else block.kind for block in inner]
    if name in _META and not kinds and top.kind in ("resource", "data", "module", "ephemeral", "provider"):
        return Sink(Takes.NOTHING, reason=f"`{name}` is known before any secret is read", instead=_instead(name))
    if top.kind in ("provider", "ephemeral"):
        return Sink(Takes.EPHEMERAL)
    if top.kind == "resource" and top.labels:
        return _resource(top.labels[0], kinds, name)
    if top.kind == "locals" or (top.kind == "module" and not kinds):
        return Sink(Takes.FLOWS)
    if top.kind == "data":
        return Sink(Takes.PLAIN)
    if top.kind == "terraform":
        instead = "leave the argument out: the environment or `terraform init -backend-config=…` gives it"
        return Sink(Takes.NOTHING, reason="a backend takes no expressions", instead=instead)
    if top.kind == "output":
        return Sink(Takes.NOTHING, reason="an output shows the value, and the state keeps it", instead="delete it")
    return Sink(Takes.NOTHING, reason=f"nothing can be read in a block `{top.kind}`", instead="replace it by hand")


def _resource(kind: str, blocks: list[str], name: str) -> Sink:
    if "provisioner" in blocks or "connection" in blocks:
        return Sink(Takes.EPHEMERAL)
    if "lifecycle" in blocks:
        return Sink(Takes.NOTHING, reason="a lifecycle rule takes no secrets", instead="replace it by hand")
    if twin := _terraform_writeonly.twin(kind, blocks, name):
        return Sink(Takes.TWIN, twin)
    if _terraform_writeonly.is_write_only(kind, blocks, name):
        return Sink(Takes.EPHEMERAL)
    workload = next((_WORKLOAD_BLOCKS[b] for b in blocks if b in _WORKLOAD_BLOCKS), name)
    if workload == "metadata" and _MACHINES.fullmatch(kind):
        workload = "metadata_startup_script"
    if workload in _WORKLOADS:
        reason = f"`{workload}` is kept in the state, and read by everybody who may look at {kind}"
        return Sink(Takes.NOTHING, reason=reason, instead=_WORKLOADS[workload])
    return Sink(Takes.PLAIN)


def _instead(name: str) -> str:
    if name == "source":
        return "take the login out of the URL, and let git or the registry's credentials give it"
    return "replace it by hand"
