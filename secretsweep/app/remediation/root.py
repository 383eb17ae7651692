"""The folder that paths count from: the working tree around them; outside of git, the project that they belong to.

A file says little without its neighbours: variables are declared beside it, a chart's values above its templates.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from secretsweep.app.remediation import journal
from secretsweep.app.remediation.tree import WorkTree
from secretsweep.errors import GitError
from secretsweep.git import repository as repositories
from secretsweep.git.repository import Repository

# parts of a project: what they mean is said above them
_INNER = frozenset(
    "group_vars host_vars inventory inventories roles playbooks tasks handlers defaults vars meta templates files "
    "charts modules environments envs manifests base overlays workflows .github".split()
)
_MARKS = frozenset(
    "ansible.cfg group_vars host_vars galaxy.yml Chart.yaml helmfile.yaml kustomization.yaml skaffold.yaml "
    "docker-compose.yml docker-compose.yaml compose.yml compose.yaml terragrunt.hcl Pulumi.yaml serverless.yml "
    "samconfig.toml cdk.json bicepconfig.json .gitlab-ci.yml .github Jenkinsfile .secretsweep.toml".split()
)
_SOURCES = (".tf", ".tofu", ".pkr.hcl", ".bicep")


def tree_of(paths: Sequence[str]) -> tuple[WorkTree, Repository | None]:
    """The tree that paths are in, and its repository."""
    try:
        repository = repositories.find(paths[0])
    except GitError:
        repository = None
    if repository is not None and repository.top is not None:
        return WorkTree(repository.top, repository), repository
    return WorkTree(_project(paths), None), None


def recorded(paths: Sequence[str]) -> tuple[WorkTree, Path]:
    """The tree whose last apply is on record, from any path inside it, and that journal; it may not be there."""
    tree, repository = tree_of(paths)
    own = journal.place(tree.root, repository)
    if repository is None:
        inside = _common(paths).resolve()
        for folder in (tree.root, inside, *inside.parents):
            if (there := journal.place(folder, None)).exists():
                return WorkTree(folder, None), there
    return tree, own


def _common(paths: Sequence[str]) -> Path:
    found = Path(os.path.commonpath([os.path.abspath(path) for path in paths]))
    return found if found.is_dir() else found.parent


def _project(paths: Sequence[str]) -> Path:
    """The folder that was given. For a file, several paths or a part of a project, what is marked as one above it."""
    folder = _common(paths)
    above = list(_reachable(folder))
    outermost = max((at for at, one in enumerate(above[:-1]) if one.name in _INNER), default=-1)
    if outermost < 0 and len(paths) == 1 and os.path.isdir(paths[0]):
        return folder
    for start in (outermost + 1, 0):
        if marked := next((one for one in above[start:] if _is_marked(one)), None):
            return marked
    return folder


def _reachable(folder: Path) -> Iterator[Path]:
    """The folder and those above, up to the current one. From outside of it, to what is below the user's home and
    nobody else may write to: a mark there is not the user's."""
    here = Path(os.path.abspath("."))
    home = Path(os.path.expanduser("~"))
    ends = here.parents if folder.is_relative_to(here) else (home, *home.parents)
    yield folder
    for one in folder.parents:
        if one in ends or one.stat().st_mode & stat.S_IWOTH:
            return
        yield one


def _is_marked(folder: Path) -> bool:
    try:
        return any(name in _MARKS or name.endswith(_SOURCES) for name in os.listdir(folder))
    except OSError:
        return False
