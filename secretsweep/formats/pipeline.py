"""Pipelines and task files in YAML: what they run are command lines, whose commands carry credentials in their ways."""

from collections.abc import Iterator
from functools import lru_cache

from secretsweep import lazyre
from secretsweep.formats import _nested, _usages, yaml
from secretsweep.model import Blob, Unit

NAME = "pipeline"
PRIORITY = 12  # of what is YAML by its name; an object of Kubernetes is one here, too
GATES = (*yaml.GATES, *_usages.GATES)
REGIONS = yaml.REGIONS

PATHS = lazyre.compile(
    r"(?i)(?:^|/)(?:"
    r"\.(?:github/(?:workflows|actions)|gitea/workflows|forgejo/workflows|circleci|woodpecker|buildkite|semaphore|gitlab/ci)"
    r"/(?:[\w.-]+/){0,4}[\w.-]+|action|"
    r"[\w.-]*gitlab-ci(?:[._-][\w.-]+)?|\.(?:travis|drone|woodpecker|cirrus|appveyor)|appveyor|"
    r"[\w.-]*azure-pipelines?(?:[._-][\w.-]+)?|bitbucket-pipelines|buildspec[\w.-]*|appspec|cloudbuild[\w.-]*|"
    r"codefresh|wercker|shippable|screwdriver|\.?taskfile(?:[._-][\w.-]+)?|skaffold"
    r")\.ya?ml(?:\.(?:dist|example|sample|bak|orig|j2|tpl|tmpl))*$"
)


def owns(path: str, head: bytes) -> bool:
    return _is_one(path)


@lru_cache(maxsize=8192)
def _is_one(path: str) -> bool:
    return PATHS.search(path) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """Every scalar that is a value, and what commands carry."""
    return _nested.expand(blob.data, units(blob.data), kind_of=_kind)


def _kind(unit: Unit) -> str:
    """A line whose first word is a command that takes credentials is one, also without any flag."""
    first, _, rest = unit.value[:64].partition(b" ")
    return "shell" if rest and b"\n" not in unit.value and first in _usages.BY_COMMAND else ""


def units(data: bytes) -> list[Unit]:
    """The scalars of all documents, nested documents unopened."""
    return yaml.units(data)
