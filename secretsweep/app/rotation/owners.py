"""Who owns a path: CODEOWNERS, as GitHub, GitLab and Gitea read it.

https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
https://docs.gitlab.com/user/project/codeowners/reference/
"""

import re
from collections.abc import Callable, Sequence

from secretsweep.config import globs
from secretsweep.errors import GitError
from secretsweep.git.repository import Repository

_PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS", ".gitea/CODEOWNERS")
_SECTION = re.compile(r"\^?\[(?P<name>[^\]]+)\](?:\[\d+\])?\s*(?P<owners>.*)")
_PARTS = re.compile(r"(?:\\.|\S)+")


class Owners:
    """Last match wins, in each section of its own."""

    def __init__(self, text: str) -> None:
        self._sections: list[list[tuple[Callable[[str], bool], tuple[str, ...]]]] = [[]]
        common: tuple[str, ...] = ()
        for line in text.splitlines():
            line = re.sub(r"(^|\s)#.*", "", line).strip()
            if not line:
                continue
            if section := _SECTION.fullmatch(line):
                self._sections.append([])
                common = tuple(section["owners"].split())
                continue
            pattern, *owners = _PARTS.findall(line)
            self._sections[-1].append((_matching(re.sub(r"\\(.)", r"\1", pattern)), tuple(owners) or common))

    def of(self, path: str) -> tuple[str, ...]:
        """Owners of a path, each once."""
        found: dict[str, None] = {}
        for section in self._sections:
            last: Sequence[str] = next((owners for matches, owners in reversed(section) if matches(path)), ())
            found.update(dict.fromkeys(last))
        return tuple(found)


def of(repository: Repository | None) -> Owners:
    """Those of HEAD; nobody where there is no such file."""
    for place in _PLACES if repository is not None and repository.head else ():
        assert repository is not None
        try:
            return Owners(repository.git.run("cat-file", "blob", f"HEAD:{place}").decode("utf-8", "replace"))
        except GitError:
            continue
    return Owners("")


def _matching(pattern: str) -> Callable[[str], bool]:
    """`docs/*` is what lies in that folder, and nothing deeper. What cannot be a pattern matches nothing."""
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(globs.expression(pattern), options)
    except re2.error:
        return lambda path: False

    def matches(path: str) -> bool:
        return compiled.fullmatch(path) is not None

    if pattern.endswith("/*") and not pattern.endswith("**/*"):
        depth = pattern.strip("/").count("/")
        return lambda path: matches(path) and path.count("/") == depth
    return matches
