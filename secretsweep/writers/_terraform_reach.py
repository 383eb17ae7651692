"""Whether every use of a variable or local takes a value that nobody keeps, and what must change for it."""

from dataclasses import dataclass, field

from secretsweep.writers import _terraform_versions
from secretsweep.writers._terraform_module import Declared, Module, Place, called
from secretsweep.writers._terraform_sinks import Takes, sink
from secretsweep.writers._terraform_versions import Version
from secretsweep.writers._terraform_writeonly import Twin


@dataclass(slots=True)
class Reach:
    """The arguments to rename, and the variables to mark, so that a value goes all the way without being kept; and what
    the modules must then ask of their providers."""

    renames: list[tuple[Place, Twin]] = field(default_factory=list)
    variables: list[Declared] = field(default_factory=list)
    versions: list[tuple[Module, str, Version]] = field(default_factory=list)

    @classmethod
    def at(cls, module: Module, place: Place, twin: Twin) -> "Reach":
        """An argument that is renamed."""
        kind = place.top.labels[0]
        return cls([(place, twin)], [], [(module, kind.partition("_")[0], _terraform_versions.since(kind))])


def allows(module: Module, write_only: bool) -> str:
    """Why a module cannot have ephemeral values (with write-only arguments); "" when it can."""
    needed = _terraform_versions.EPHEMERAL
    if write_only or module.is_opentofu:
        needed = _terraform_versions.WRITE_ONLY
    if _terraform_versions.always(module.terraform(), needed):
        return ""
    return f"Terraform below {_terraform_versions.said(needed)} is allowed here"


def held(module: Module, provider: str, needed: Version) -> str:
    """Why a module cannot have a version of a provider; "" when it can."""
    if _terraform_versions.ever(module.provider(provider), needed):
        return ""
    return f"the provider {provider} is held below {_terraform_versions.said(needed)}"


def keeps(module: Module, place: Place, twin: Twin) -> str:
    """Why an argument cannot be renamed to its write-only one; "" when it can."""
    block, kind = place.blocks[-1], place.top.labels[0]
    if why := allows(module, write_only=True) or held(module, kind.partition("_")[0], _terraform_versions.since(kind)):
        return why
    if there := next((name for name in twin if name and block.get(name)), ""):
        return f"{there} is there already"
    if not module.is_readable:
        return "a file of the module is JSON or does not parse"
    others = module.uses(".".join((*place.top.labels[:2], place.attribute.name)))
    if others:
        return f"{others[0].address} reads it back, and would get nothing"
    return ""


def reach(module: Module, symbol: str, seen: frozenset[tuple[str, str]] = frozenset()) -> Reach | None:
    """What must change so that `var.x` or `local.x` can be ephemeral; None when it cannot."""
    if (module.folder, symbol) in seen or len(seen) > 16:
        return Reach() if len(seen) <= 16 else None
    seen |= {(module.folder, symbol)}
    if not module.is_readable or allows(module, write_only=False):
        return None
    found = Reach()
    for use in module.uses(symbol):
        further = _of(module, use, seen)
        if further is None:
            return None
        found.renames += (r for r in further.renames if r not in found.renames)
        found.variables += (v for v in further.variables if v not in found.variables)
        found.versions += (v for v in further.versions if v not in found.versions)
    return found


def _of(module: Module, use: Place, seen: frozenset[tuple[str, str]]) -> Reach | None:
    where = sink(use)
    if where.takes is Takes.EPHEMERAL:
        return Reach()
    if where.takes is Takes.TWIN and where.twin is not None:
        return None if keeps(module, use, where.twin) else Reach.at(module, use, where.twin)
    if where.takes is Takes.FLOWS:
        return flows(module, use, seen)
    return None


def flows(module: Module, place: Place, seen: frozenset[tuple[str, str]] = frozenset()) -> Reach | None:
    """The same for an argument of `locals` or of a module's call."""
    if place.top.kind == "locals":
        return reach(module, f"local.{place.attribute.name}", seen)
    folder = called(Declared(place.path, place.data, place.top))
    if folder is None:
        return None
    child = module.project.module(folder)
    variable = child.block("variable", place.attribute.name)
    if variable is None:
        return None
    further = reach(child, f"var.{place.attribute.name}", seen)
    if further is not None:
        further.variables.append(variable)
    return further
