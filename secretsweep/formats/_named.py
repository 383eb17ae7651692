"""A literal that is a file of its own: what the name that it stands under says of its format."""


from secretsweep import formats, lazyre
from secretsweep.formats import _patch
from secretsweep.model import Unit

_NAME = lazyre.compile(r'(?:\A|[.\]])(?:"([^"\\/]*\.[^"\\/]+)"|([A-Za-z]*Dockerfile|Makefile|Jenkinsfile))\Z')
_LINES = frozenset(
    "properties ini conf cnf cfg config env toml xml sql txt list rc netrc npmrc pgpass yaml yml json hcl".split()
)
_PATCH = b"path"
_SAYS = lazyre.compile(rb"[=:<{\[ ]")


def kind(unit: Unit) -> str:
    """The format of the file, or nothing when the name is none of a file or the value is not its content."""
    if _PATCH in unit.value and _patch.is_patch(unit.value[: formats.HEAD]):
        return "kubernetes"
    name = _NAME.search(unit.key)
    if not name or not _SAYS.search(unit.value):
        return ""
    file = name[1] or name[2]
    found = formats.owner(file, unit.value[: formats.HEAD]).NAME
    if found != "text":
        return found
    return found if file.rpartition(".")[2].lower() in _LINES else ""
