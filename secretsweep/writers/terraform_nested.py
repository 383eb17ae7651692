"""A document in a string or heredoc of Terraform: a template, so an expression may stand in it.

`jsonencode` writes the quotes and escapes of a JSON string, which YAML reads too.
developer.hashicorp.com/terraform/language/expressions/strings.
"""

from collections.abc import Iterator, Sequence

from secretsweep import lazyre
from secretsweep.model import Change, Edit, Refusal, Span, Spot
from secretsweep.writers import File, Tree
from secretsweep.writers._terraform_module import Place
from secretsweep.writers.terraform import rewritten

FORMATS = ("json", "yaml", "kubernetes", "text", "connstr", "properties", "dotenv", "ini", "xml")
PATHS = lazyre.compile(r"\.(?:tf|tofu|tfvars)$")
PARTS = True

_TREES = ("json", "yaml", "kubernetes")
_QUOTES = (b'\\"', b'"', b"'")


def rewrite(spots: Sequence[Spot], file: File, tree: Tree) -> Iterator[Change | Refusal]:
    """As in an argument; only the way to write it differs."""
    yield from rewritten(spots, file, tree, _edit)


def _edit(spot: Spot, place: Place, expression: str) -> Edit | None:
    data, (start, end) = place.data, spot.literal
    if b"\\" in data[slice(*spot.span)]:  # what it stands for is written otherwise
        return None
    if spot.format not in _TREES:
        return Edit(spot.span, f"${{{expression}}}".encode())
    if spot.form not in ("plain", "single", "double"):
        return None
    for quote in _QUOTES:
        if data[start - len(quote) : start] == quote == data[end : end + len(quote)]:
            if not spot.whole:
                return Edit(spot.span, f"${{{expression}}}".encode())
            return Edit(Span(start - len(quote), end + len(quote)), f"${{jsonencode({expression})}}".encode())
    if spot.format == "json" or not spot.whole:
        return None
    return Edit(spot.literal, f"${{jsonencode({expression})}}".encode())
