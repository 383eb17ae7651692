"""What `terraform show -json` prints of a plan or a state: values, changes, variables and constants."""

from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate, _gates, _jsonregions, _jsontree
from secretsweep.formats._address import child
from secretsweep.formats._jsontree import Leaf, Node
from secretsweep.formats._terraform_attributes import MARKED, Resource, opened, true_paths, unit
from secretsweep.formats._terraform_attributes import units as attributes
from secretsweep.formats.terraform_state import TYPE_GATE
from secretsweep.model import Blob, Unit

NAME = "terraform-plan"
PRIORITY = 35
GATES = (
    TYPE_GATE,
    Gate(r'"(?:sensitive_values|(?:before|after)_sensitive)"\s{0,4}:\s{0,4}(?:true|\{\s{0,80}")', "resource"),
    Gate(r'"sensitive"\s{0,4}:\s{0,4}true', "resource"),
    _gates.PAIR,
    _gates.FLAG,
)

_HEAD = lazyre.compile(
    rb"(?:\xef\xbb\xbf)?\s*\{(?:"
    rb'(?=[^\0]*"format_version"\s*:\s*")'
    rb'(?=[^\0]*"(?:terraform_version|planned_values|resource_changes|values|configuration|variables)"\s*:)'
    rb'|(?=[^\0]*"configuration"\s*:\s*\{\s*"(?:provider_config|root_module)")'  # with sorted keys
    rb")"
)
_PARENTS = frozenset(
    b"resources resource_changes resource_drift outputs output_changes variables provider_config expressions".split()
)


def owns(path: str, head: bytes) -> bool:
    return _HEAD.match(head) is not None


def resource(data: bytes, at: int) -> tuple[int, int]:
    """The resource, change, variable or constant around a place."""
    return _jsonregions.within(_jsonregions.children(data, _PARENTS), data, at)


REGIONS = {"resource": resource, "statement": resource, "siblings": resource, "next": resource}


def extract(blob: Blob) -> Iterator[Unit]:
    """Every literal of the resources, variables, outputs and of the configuration."""
    return opened(blob.data, units(blob.data))


def units(data: bytes) -> list[Unit]:
    """The literals, nested documents unopened."""
    root = _jsontree.parse(data)
    return [found for key, entry in root.entries for found in _entry(data, key, entry)]


def _entry(data: bytes, key: str, entry: Node | Leaf) -> Iterator[Unit]:
    """What stands at the top of a file, or is all of an excerpt."""
    if isinstance(entry, Leaf):
        if entry.end > entry.start:
            yield unit(data, entry, key)
    elif entry.has("address", "type"):
        yield from _resource(data, entry, "")
    elif key and entry.has("actions"):
        yield from _change(data, Resource("", child("output", key)), entry)
    elif key and (entry.has("constant_value") or entry.has("references")):
        yield from _constants(data, key, entry, "")
    elif key and entry.has("expressions"):
        yield from _provider(data, key, entry)
    elif key and (entry.has("value", "sensitive") or (entry.has("value") and entry.has("type"))):
        yield from _output(data, key, entry)
    elif key and (entry.has("value") or entry.has("default")):
        yield from _variable(data, key, entry)
    elif key:
        yield from _literals(data, entry, key)
    else:
        yield from _plan(data, entry)


def _plan(data: bytes, plan: Node) -> Iterator[Unit]:
    for key, entry in plan.entries:
        if isinstance(entry, Leaf):
            continue
        if key in ("planned_values", "values"):
            yield from _values(data, entry)
        elif key == "prior_state":
            for inner in (entry.node("values"),):
                yield from _values(data, inner) if inner else ()
        elif key in ("resource_changes", "resource_drift"):
            for found in plan.nodes(key):
                yield from _resource(data, found, "")
        elif key == "output_changes":
            for name, change in entry.entries:
                if isinstance(change, Node):
                    yield from _change(data, Resource("", child("output", name)), change)
        elif key == "variables":
            for name, variable in entry.entries:
                if isinstance(variable, Node):
                    yield from _variable(data, name, variable)
        elif key == "configuration":
            yield from _configuration(data, entry)


def _values(data: bytes, values: Node) -> Iterator[Unit]:
    if outputs := values.node("outputs"):
        for name, output in outputs.entries:
            if isinstance(output, Node):
                yield from _output(data, name, output)
    pending = [module for module in (values.node("root_module"),) if module]
    while pending:
        module = pending.pop()
        for found in module.nodes("resources"):
            yield from _resource(data, found, "")
        pending += module.nodes("child_modules")


def _resource(data: bytes, found: Node, module: str) -> Iterator[Unit]:
    """A resource with its values, its change, or the expressions of its configuration."""
    resource = Resource(found.text("type", data), module + found.text("address", data))
    if values := found.node("values"):
        marks = true_paths(data, found.node("sensitive_values"))
        yield from attributes(data, resource._replace(marks=marks), values)
    if change := found.node("change"):
        yield from _change(data, resource, change)
    if expressions := found.node("expressions"):
        for key, entry in expressions.entries:
            yield from _constants(data, key, entry, resource.address)


def _change(data: bytes, resource: Resource, change: Node) -> Iterator[Unit]:
    for key, entry in change.entries:
        if key not in ("before", "after"):
            continue
        mirror = next((found for name, found in change.entries if name == f"{key}_sensitive"), None)
        marked = resource._replace(marks=true_paths(data, mirror))
        if isinstance(entry, Node):
            yield from attributes(data, marked, entry)
        elif entry.quoted and entry.end > entry.start:
            yield unit(data, entry, resource.address, MARKED if marked.marks else "")


def _output(data: bytes, name: str, output: Node) -> Iterator[Unit]:
    marked = output.text("sensitive", data) == "true"
    yield from _value(data, output, "value", child("output", name), marked)


def _variable(data: bytes, name: str, variable: Node) -> Iterator[Unit]:
    address = child("variable", name)
    marked = variable.text("sensitive", data) == "true"
    yield from _value(data, variable, "value", address, marked)
    yield from _value(data, variable, "default", f"{address}.default", marked)


def _value(data: bytes, holder: Node, name: str, address: str, marked: bool) -> Iterator[Unit]:
    for key, entry in holder.entries:
        if key != name:
            continue
        if isinstance(entry, Node):
            yield from attributes(data, Resource("", address, frozenset({()} if marked else ())), entry)
        elif entry.quoted and entry.end > entry.start:
            yield unit(data, entry, address, MARKED if marked else "")


def _configuration(data: bytes, configuration: Node) -> Iterator[Unit]:
    if providers := configuration.node("provider_config"):
        for key, entry in providers.entries:
            if isinstance(entry, Node):
                yield from _provider(data, key, entry)
    pending = [("", module) for module in (configuration.node("root_module"),) if module]
    while pending:
        prefix, module = pending.pop()
        for found in module.nodes("resources"):
            yield from _resource(data, found, prefix)
        if variables := module.node("variables"):
            for name, variable in variables.entries:
                if isinstance(variable, Node):
                    yield from _variable(data, name, variable)
        for name, call in calls.entries if (calls := module.node("module_calls")) else ():
            if not isinstance(call, Node):
                continue
            if expressions := call.node("expressions"):
                for key, entry in expressions.entries:
                    yield from _constants(data, key, entry, f"{prefix}module.{name}")
            if inner := call.node("module"):
                pending.append((f"{prefix}module.{name}.", inner))


def _provider(data: bytes, key: str, provider: Node) -> Iterator[Unit]:
    address = child("provider", provider.text("name", data) or key)
    if expressions := provider.node("expressions"):
        for name, entry in expressions.entries:
            yield from _constants(data, name, entry, address)


def _constants(data: bytes, key: str, entry: Node | Leaf, address: str) -> Iterator[Unit]:
    """An expression's constant; references are the names of other things."""
    if isinstance(entry, Node):
        for leaf, path, where in _jsontree.literals(data, entry, child(address, key)):
            if "constant_value" in path:
                yield unit(data, leaf, where.replace(".constant_value", ""))


def _literals(data: bytes, node: Node, address: str) -> Iterator[Unit]:
    for leaf, _, where in _jsontree.literals(data, node, address):
        yield unit(data, leaf, where)
