"""A password with a template in it: what of `Sup3rS3cret!{{ env }}` stands in the file is known to all who read it.

Names and paths are put together in the same way, under the same keys, and far more often. So only what no name looks
like counts, and nothing where the template brings a secret itself.
"""

import re

from secretsweep import lazyre
from secretsweep.detect import keys
from secretsweep.detect.references import is_name, reference

_LEAST = 8  # characters that stand in the file
_LONGEST = 256  # of a value with its templates
_TEMPLATE = lazyre.compile(
    r"\$\{\{.*?\}\}|\{\{.*?\}\}|\$\{[^{}]*\}|\$\([^()]*\)|<%.*?%>|#\{[^{}]*\}|%\{[^{}]*\}|\$[A-Za-z_]\w*", re.DOTALL
)
# it brings what makes the value secret
_SECRET = lazyre.compile(
    r"(?i)rand|uuid|unique|generat|passw|pwd|secret|token|key|hash|vault|lookup|result|sops|ssm|cred"
)
_CHARACTERS = lazyre.compile(r"[A-Za-z0-9!#%&*+._@^~?\-]+")
_SPECIAL = lazyre.compile(r"[!#%&*+@^~?]")
_WORDS = lazyre.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_YEAR = lazyre.compile(r"[A-Z][a-z]{3,}[-_.]?(?:19|20)\d\d")  # what people think of


def literal(text: str) -> str:
    """What of a password stands here, from the first to the last character that no template makes; "" for none."""
    if len(text) > _LONGEST:
        return ""
    templates = list(_TEMPLATE.finditer(text))
    rest = _TEMPLATE.sub("", text)
    if not templates or not _is_password(rest) or any(_SECRET.search(found[0]) for found in templates):
        return ""
    return "" if reference(_TEMPLATE.sub("x", text)) else _trimmed(text, templates)


def _is_password(rest: str) -> bool:
    """Whether what the templates leave is more than anybody would call something."""
    if len(rest) < _LEAST or not _CHARACTERS.fullmatch(rest):
        return False
    special = _SPECIAL.search(rest) is not None
    cases = any(map(str.islower, rest)) and any(map(str.isupper, rest))
    mixed = any(map(str.isdigit, rest)) and any(map(str.isalpha, rest)) and (cases or special)
    return mixed and (special or not _named(rest.strip("-_.")))


def _named(text: str) -> bool:
    """Whether it is made of whole words and numbers."""
    if _YEAR.fullmatch(text):
        return False
    return is_name(text) or keys.noun(text) != "" or min(map(len, _WORDS.findall(text)), default=0) >= 3


def _trimmed(text: str, templates: list[re.Match[str]]) -> str:
    """Without the templates at its ends."""
    start, end = 0, len(text)
    for found in templates:
        start = found.end() if found.start() == start else start
    for found in reversed(templates):
        end = found.start() if found.end() == end else end
    return text[start:end]
