"""Manifests and sops: the cluster decrypts whole files, so that nothing in one refers to another file.

Encrypting a manifest is sops' own work: it writes YAML anew, with an indentation of its own. What decrypts it there:
fluxcd.io/flux/guides/mozilla-sops (`spec.decryption`), github.com/viaduct-ai/kustomize-sops (KSOPS).
"""

import shlex
from collections.abc import Generator, Sequence
from functools import lru_cache

from secretsweep import lazyre
from secretsweep.model import Refusal, Spot
from secretsweep.writers import Tree, _sops
from secretsweep.writers._manifests import Sheet

_PATHS = lazyre.compile(r"\.ya?ml$")
_FLUX = lazyre.compile(rb"(?m)^[ ]+decryption:[ \t]*\r?\n(?:[ ]+[^\n]*\n)*?[ ]+provider:[ \t]*[\"']?sops\b")
_KSOPS = lazyre.compile(rb"(?m)^kind:[ \t]*[\"']?ksops\b|viaduct\.ai/v1")
_COMMAND = "sops encrypt --in-place --encrypted-regex '^(data|stringData)$' {}"


def left(spots: Sequence[Spot], sheet: Sheet, tree: Tree) -> Generator[Refusal, None, list[Spot]]:
    """Refusals of what would go to a file of sops, with the way that a cluster has; the other spots are returned."""
    others = []
    for spot in spots:
        if spot.reference.store != _sops.STORE:
            others.append(spot)
            continue
        place = sheet.place(spot)
        kind = place.manifest.text("kind") if place else ""
        who = _decrypts(tree)  # type: ignore[arg-type]  # every object is its own key
        need = f"{who} decrypts it" if who else "and let Flux (spec.decryption.provider: sops) or KSOPS decrypt it"
        if sheet.templated:
            way = "take it out of the template, to values that sops has encrypted (helm-secrets: -f secrets://FILE)"
        elif kind == "Secret":
            way = f"run `{_COMMAND.format(shlex.quote(spot.path))}`: {need}"
        else:
            way = f"put it into a Secret in a file of its own, refer to that, and run `{_COMMAND.format('FILE')}`"
        yield Refusal(spot, "a manifest cannot name a file of sops: the cluster decrypts whole manifests", way)
    return others


@lru_cache(maxsize=2)
def _decrypts(tree: Tree) -> str:
    """What the tree says that decrypts its manifests."""
    for path in tree.paths():
        if _PATHS.search(path) and (data := tree.read(path)):
            if _FLUX.search(data):
                return "Flux"
            if _KSOPS.search(data):
                return "KSOPS"
    return ""
