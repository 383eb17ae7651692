"""Where the playbooks of a tree are: relative paths of lookups count from there.

Ansible's documentation: playbook_guide/playbook_pathing (search paths of local files).
"""

import posixpath
from functools import lru_cache

from secretsweep import lazyre
from secretsweep.writers import File, Tree

_PATHS = lazyre.compile(r"\.ya?ml$")
_NOT = lazyre.compile(r"(?:^|/)(?:roles|tasks|handlers|group_vars|host_vars|vars|defaults|meta|templates|files)/")
_PLAYBOOK = lazyre.compile(  # a play at the top, with at most some lines before what makes it one
    rb"(?m)^-[ \t]+(?:[\w.]+:[^\n]*\n(?:[ \t]*(?:#[^\n]*)?\r?\n)?[ \t]+){0,6}"
    rb"(?:hosts|(?:ansible\.builtin\.)?import_playbook)[ \t]*:"
)


def folder(file: File, tree: Tree) -> str | None:
    """The folder of the playbooks that a file is for, the top when there are none; None when there are several."""
    if is_playbook(file.path, file.data):
        return posixpath.dirname(file.path)
    found = _folders(tree) or {""}  # type: ignore[arg-type]  # every object is its own key
    return next(iter(found)) if len(found) == 1 else None


def is_playbook(path: str, data: bytes) -> bool:
    return not _NOT.search(path) and _PATHS.search(path) is not None and _PLAYBOOK.search(data) is not None


@lru_cache(maxsize=2)
def _folders(tree: Tree) -> frozenset[str]:
    paths = (path for path in tree.paths() if _PATHS.search(path) and not _NOT.search(path))
    return frozenset(posixpath.dirname(path) for path in paths if is_playbook(path, tree.read(path) or b""))
