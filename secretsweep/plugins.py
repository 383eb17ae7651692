"""A plugin is a file that is there: find the modules of a package, import them when they are needed."""

import importlib
import pkgutil
from functools import cache
from types import ModuleType


@cache
def names(package: str) -> tuple[str, ...]:
    """The public module names directly in `package`, sorted; nothing is imported but the package."""
    path = importlib.import_module(package).__path__
    return tuple(sorted(m.name for m in pkgutil.iter_modules(path) if not m.name.startswith("_")))


@cache
def load(package: str, name: str) -> ModuleType:
    """The module `name` of `package`; names come from the command line with `-` for `_`."""
    return importlib.import_module(f"{package}.{name.replace('-', '_')}")


def modules(package: str, having: str) -> tuple[ModuleType, ...]:
    """The modules of `package` that have the attribute `having`: those are plugins, the rest serves them."""
    found = (load(package, name) for name in names(package))
    return tuple(module for module in found if hasattr(module, having))
