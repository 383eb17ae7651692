"""Terraform, OpenTofu, Packer: variables, locals, modules of the tree, outputs; down to the arguments of resources.

Kinds: `resource-argument`, `data-argument`, `provider-argument`, `ephemeral-argument`, `argument` (of other blocks, as
Packer's), `provisioner` (and `connection`), `local`, `module-input`, `output`, `count` (and `for_each`), `check`
(conditions, which no resource gets), `backend`, `unknown`. In a string or an expression they are not `whole`.
"""

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from secretsweep.flow import UNKNOWN, Use, _modules
from secretsweep.flow._arguments import META, REST, address_of, consumer_of, kind_of, narrowed, steps_of
from secretsweep.flow._hcl import Mention
from secretsweep.flow._modules import Call, Module, Modules
from secretsweep.model import Tree

FORMATS = ("terraform",)

DEPTH = 64  # steps of one way
WIDTH = 5_000  # places of one literal
AGAIN = "goes on as shown above"

_LABELS = {"resource": 2, "data": 2, "ephemeral": 2, "variable": 1, "module": 1, "output": 1, "provider": 1}


class _Node(NamedTuple):
    """Something with a name that holds the value: it itself, or what is at `rest` in it."""

    module: Module
    name: str
    rest: tuple[str, ...]
    callers: tuple[Call, ...]  # how one came into this module; () when one began here
    block: tuple[str, ...] = ()  # what `each` and `self` belong to


def uses(tree: Tree, path: str, address: str) -> tuple[Use, ...]:
    """Where the literal at an address goes next; for more than one of a tree make a Follower once."""
    return Follower(tree).uses(path, address, 1)


class Follower:
    """Keeps what it has read of a tree."""

    def __init__(self, tree: Tree) -> None:
        self._modules = Modules(tree)

    def uses(self, path: str, address: str, line: int) -> tuple[Use, ...]:
        """Where the literal at an address goes next."""
        steps = steps_of(address)
        if not steps:
            return ()
        if path.endswith((".tfvars", ".pkrvars.hcl")):
            return self._given(path, steps)
        size = 1 + _LABELS.get(steps[0], 0)
        block, below = tuple(steps[:size]), tuple(steps[size:])
        if not below:
            return ()
        return _Trace(self._modules).onward(_modules.of(path), path, block, below, (), 0)

    def _given(self, path: str, steps: Sequence[str]) -> tuple[Use, ...]:
        """Of a file of variables: they are those of its folder, or of the nearest folder above that has them."""
        own, name = _modules.of(path), steps[0]
        module, note = own, ""
        while name not in self._modules.variables(module) and module.folder:
            module = module._replace(folder=posixpath.dirname(module.folder))
        if name not in self._modules.variables(module):
            having = [m for m in self._modules.files if m.language == own.language]
            having = [m for m in having if name in self._modules.variables(m)]
            if len(having) != 1:
                why = f"{len(having)} folders have" if having else "no folder has"
                return (Use(path, 1, f"var.{name}", UNKNOWN, note=f"{why} a variable {name}: which one is meant?"),)
            module = having[0]
        if module != own:
            note = f"taken to be for {module}"
        found = _Trace(self._modules).children(_Node(module, f"var.{name}", tuple(steps[1:]), ()), 0)
        return tuple(replace(use, note=use.note or note) for use in found)


class _Trace:
    """One literal's way: what was seen already, and how much is left."""

    def __init__(self, modules: Modules) -> None:
        self._modules = modules
        self._seen: dict[_Node, bool] = {}  # whether anything refers to it
        self._left = WIDTH

    def children(self, node: _Node, depth: int) -> tuple[Use, ...]:
        """The places that refer to a node."""
        if node in self._seen:
            return ()
        self._seen[node] = True
        found = tuple(self._references(node, depth))
        self._seen[node] = bool(found)
        return found

    def _references(self, node: _Node, depth: int) -> Iterator[Use]:
        for path, mention, why in self._modules.mentions(node.module, node.name):
            rest = narrowed(node.rest, mention.steps)
            if rest is None or (node.block and node.block != mention.block):
                continue
            if self._left <= 0:
                yield Use(
                    path, mention.line, node.name, UNKNOWN, note=f"more than {WIDTH:,} places: not followed further"
                )
                return
            self._left -= 1
            if not mention.block and not why:
                yield Use(path, mention.line, address_of(mention.below), "argument", whole=mention.whole)
            elif why:
                yield Use(
                    path, mention.line, node.name, UNKNOWN, whole=False, note=f"what gets it here is unknown: {why}"
                )
            else:
                yield self._place(node, path, mention, rest, depth)

    def _place(self, node: _Node, path: str, mention: Mention, rest: tuple[str, ...], depth: int) -> Use:
        block, below = mention.block, mention.below
        kind = kind_of(block, below)
        passed = (*below, *(rest if mention.whole else (REST,)))
        address = address_of((*block, *below))
        if depth >= DEPTH:
            note = f"not followed further than {DEPTH} steps"
            return Use(path, mention.line, address, kind, (), mention.whole, note, consumer_of(kind, block))
        again = any(self._seen.get(to) for to in self._targets(node.module, path, block, passed, node.callers))
        inner = self.onward(node.module, path, block, passed, node.callers, depth + 1)
        ends = self._end(node, path, block, below)
        consumer = address_of(block) if ends and kind == "module-input" else consumer_of(kind, block)
        return Use(path, mention.line, address, kind, inner, mention.whole, ends or (AGAIN if again else ""), consumer)

    def _end(self, node: _Node, path: str, block: tuple[str, ...], below: tuple[str, ...]) -> str:
        """Why it may end at a place."""
        if block[0] == "output" and not node.callers and not self._modules.calls(node.module):
            return "an output of the root: in the state, and shown to whoever asks"
        if block[0] != "module" or len(block) < 2 or below[0] in META:
            return ""
        source = self._modules.source(node.module, path, block[1])
        called = self._modules.called(node.module, source)
        if called is None:
            return f"the module {source} is not in this tree" if source else "where the module comes from is not known"
        if below[0] not in self._modules.variables(called):
            return f"{called} has no variable {below[0]}"
        return ""

    def onward(
        self,
        module: Module,
        path: str,
        block: tuple[str, ...],
        below: tuple[str, ...],
        callers: tuple[Call, ...],
        depth: int,
    ) -> tuple[Use, ...]:
        """Where a value goes that stands at a place; `below` goes on into the value."""
        found: list[Use] = []
        for node in self._targets(module, path, block, below, callers):
            found += self.children(node, depth)
        return tuple(found)

    def _targets(
        self, module: Module, path: str, block: tuple[str, ...], below: tuple[str, ...], callers: tuple[Call, ...]
    ) -> Iterator[_Node]:
        kind, first, rest = block[0], below[0], below[1:]
        if first == "for_each" and len(block) > 1:
            yield _Node(module, "each", (REST,), callers, block)
        elif first == "dynamic" and len(below) > 2 and below[2] == "for_each":
            yield _Node(module, f"{below[1]}.value", (REST,), callers, block)
        elif kind == "locals":
            yield _Node(module, f"local.{first}", rest, callers)
        elif kind == "variable" and first == "default" and len(block) > 1:
            yield _Node(module, f"var.{block[1]}", rest, callers)
        elif kind == "output" and first == "value" and len(block) > 1:
            for call in callers[-1:] or self._modules.calls(module):
                yield _Node(call.caller, f"module.{call.name}", (block[1], *rest), callers[:-1])
        elif kind == "module" and len(block) > 1 and first not in META:
            called = self._modules.called(module, self._modules.source(module, path, block[1]))
            if called is not None and all(call.caller != called for call in callers) and called != module:
                yield _Node(called, f"var.{first}", rest, (*callers, Call(module, block[1])))
        elif kind in ("resource", "data", "ephemeral") and len(block) == 3 and first not in (*META, "provisioner"):
            named = block[1:] if kind == "resource" else block
            yield _Node(module, ".".join(named), below, callers)
            yield _Node(module, "self", below, callers, block)
            if block[1] == "terraform_data" and first == "input":
                yield _Node(module, ".".join(named), ("output", *rest), callers)
