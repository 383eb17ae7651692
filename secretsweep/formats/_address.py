"""Addresses as a person writes them: `spec.containers[0].env.DB_PASSWORD`, `data."app.properties"`."""


from secretsweep import lazyre

_AWKWARD = lazyre.compile(r'[\s."]')
_INDEX = lazyre.compile(r"\[\d+\]\Z")
_FLAG = lazyre.compile(r"--?([A-Za-z][\w.-]*)\Z")
SEGMENT = 200  # characters of one name; longer ones are cut
LIMIT = 2000  # characters of a whole address, so that deep trees stay linear
DEPTH = 100  # containers; what is deeper keeps the address of its ancestor
OPEN = 2000  # brackets that are remembered; more of them are no document

NAMES = frozenset(
    ("name", "key", "Name", "Key", "NAME", "KEY", "ParameterKey", "parameterName", "OptionName")
)
VALUES = frozenset(("value", "Value", "VALUE", "default", "Default", "ParameterValue", "parameterValue"))

# lists of `NAME=value`, where all that follows is the value; in the latter, a shell reads what has spaces or quotes
_SETTINGS = frozenset(
    "environment environments envs env_vars args build_args build-args buildArgs labels annotations Env variables "
    "substitutions".split()
)
_WORDS = frozenset(("env", "global", "matrix", "jobs"))
_SETTING = lazyre.compile(rb"([A-Za-z_][\w.\-/]{0,127})=(?=[^=~])")
_SHELL = lazyre.compile(rb"[\s\"'`]")


def segment(name: str) -> str:
    """One name, quoted when it holds dots, spaces or quotes."""
    if len(name) > SEGMENT:
        name = name[:SEGMENT]
    if not name or _AWKWARD.search(name):
        return '"' + name.replace('"', '\\"') + '"'
    return name


def child(path: str, name: str) -> str:
    """The address of `name` in the mapping at `path`."""
    if len(path) > LIMIT:
        return path
    return f"{path}.{segment(name)}" if path else segment(name)


def item(path: str, index: int) -> str:
    """The address of an element of the list at `path`."""
    return f"{path}[{index}]" if len(path) <= LIMIT else path


def pair(path: str, name: str) -> str:
    """The address of `value` beside `name`: `env[2]` and DB_PASSWORD give `env.DB_PASSWORD`."""
    return child(_INDEX.sub("", path) if path.endswith("]") else path, name)


def flag(previous: str) -> str | None:
    """`password` for the list element `--password`, whose value is the next element."""
    found = _FLAG.match(previous) if previous.startswith("-") else None
    return found.group(1) if found else None


def setting(path: str, value: bytes) -> tuple[str, int] | None:
    """Name and where the value begins of the list element `DB_PASSWORD=x` at `services.db.environment[0]`."""
    if not path.endswith("]"):
        return None
    called = path[: path.rfind("[")].rpartition(".")[2]
    if called not in _SETTINGS and (called not in _WORDS or _SHELL.search(value)):
        return None
    found = _SETTING.match(value)
    return (text(found.group(1)), found.end()) if found else None


def text(raw: bytes) -> str:
    """Bytes of a name as text; what is no UTF-8 shows as a replacement character."""
    return raw.decode("utf-8", "replace")
