"""Pulumi: a stack's configuration is encrypted by its own command, with a key that the stack has.

Source: pulumi.com/docs/iac/concepts/secrets (pulumi config set --secret).
"""

import shlex
from collections.abc import Iterator, Sequence

from secretsweep import lazyre
from secretsweep.model import Change, Refusal, Spot
from secretsweep.writers import File, Tree

FORMATS = ("yaml",)
PATHS = lazyre.compile(r"(?:^|/)Pulumi(?:\.[\w-]+)?\.ya?ml$")
PARTS = True
HOSTS = True

_STACK = lazyre.compile(r"(?:^|/)Pulumi\.([\w-]+)\.ya?ml$")
_CONFIG = lazyre.compile(r"config\.\"?([\w-]+:)?([\w-]+)\"?((?:[.\[].*)?)\Z")


def rewrite(spots: Sequence[Spot], file: File, tree: Tree) -> Iterator[Change | Refusal]:
    """Nothing is rewritten: only Pulumi has the key."""
    stack = _STACK.search(file.path)
    for spot in spots:
        entry = _CONFIG.match(spot.key)
        if stack and entry and spot.whole:
            flags = "--secret --path" if entry[3] else "--secret"
            key = shlex.quote(f"{entry[1] or ''}{entry[2]}{entry[3]}")
            command = f"run `pulumi config set {flags} --stack {stack[1]} {key}`, which asks for the value"
            yield Refusal(spot, "only Pulumi has the key that encrypts this stack's configuration", command)
        else:
            instead = "make it a secret of the configuration (pulumi config set --secret), and refer to that"
            yield Refusal(spot, "a program's text has no references to a store", instead)
