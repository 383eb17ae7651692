"""A deploy key of a GitHub repository: a second key by the API, proven by ssh, then the first one is removed.

GitHub greets a deploy key with the name of its repository and ends the session, which is proof enough. The
administrator's token is GH_TOKEN or GITHUB_TOKEN, as for GitHub's own command.

https://docs.github.com/en/rest/deploy-keys/deploy-keys, https://cli.github.com/manual/gh_help_environment
"""

import os
import re
from collections.abc import Mapping
from typing import Any

from secretsweep.errors import RotateError
from secretsweep.model import Secret
from secretsweep.rotators import VALUE, Asked, Method, State, Told, _keypairs
from secretsweep.rotators._http import Api
from secretsweep.rotators._plain import Plain
from secretsweep.tools import ssh

NAME = "github-deploy-key"
NEEDS = "ssh"
GUIDES = ("deploy-key",)
METHODS = {
    "second-key": Method("a second deploy key, and both open the repository until the first is removed", overlap=True)
}
ACCOUNT = "the repository (owner/name)"
PATIENCE: tuple[float, ...] = (1, 2, 4, 8)
OPTIONS = {
    "ssh": "where ssh answers [git@github.com, or git@ the host of --service]",
    "known-hosts": "file with the host's key [~/.ssh/known_hosts]",
}
_PUBLIC = "https://api.github.com"
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")


def told(asked: Asked) -> Told:
    return Told(("where the same key is a person's or another repository's, too, it stays there",))


def connected(asked: Asked, environ: Mapping[str, str]) -> "DeployKey":
    """`--service` is the address of the API: https://github.example.com/api/v3 of an enterprise server."""
    _keypairs.ready(NAME)
    if not _REPOSITORY.fullmatch(asked.account):
        raise RotateError(f"github-deploy-key: --account {asked.account or '(empty)'}: wants owner/name")
    token = environ.get("GH_TOKEN") or environ.get("GITHUB_TOKEN") or ""
    if not token:
        raise RotateError("github-deploy-key: no administrator's token: GH_TOKEN")
    url = asked.url or environ.get("GITHUB_API_URL") or _PUBLIC
    version = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
    api = Api(NAME, url, "Authorization", Secret(token.encode()), "Bearer {}", version)
    known = asked.options.get("known-hosts", "")
    host = "github.com" if api.url == _PUBLIC else api.url.partition("://")[2].partition("/")[0].partition(":")[0]
    where = _keypairs.login(NAME, asked.options.get("ssh") or f"git@{host}", os.path.abspath(known) if known else "")
    return DeployKey(api, where, asked)


class DeployKey(Plain):
    """The administrator's API, and where ssh answers."""

    def __init__(self, api: Api, where: ssh.Login, asked: Asked) -> None:
        self._api = api
        self._where = where
        self._repository = asked.account
        self._path = f"repos/{asked.account}/keys"
        self._old = asked.old

    def assess(self) -> str:
        public = _keypairs.public(NAME, self._old)
        found = self._found(public)
        if found is None:
            raise RotateError(
                f"github-deploy-key: {self._repository} has no deploy key {public.fingerprint}: another repository, a "
                "person's key, or removed already (`secretsweep verify`)"
            )
        if not self.works({VALUE: self._old}):
            raise RotateError(f"github-deploy-key: {_keypairs.named(self._where)} refuses the leaked key")
        rights = "reads" if found.get("read_only", True) else "reads and WRITES"
        return f"deploy key {found['id']} ({found.get('title')}) {rights} {self._repository}, {public.fingerprint}"

    def misuse(self, since: str) -> str:
        found = self._found(_keypairs.public(NAME, self._old)) or {}
        if not found.get("last_used"):
            return ""
        return f"last used {found['last_used']}; the audit log of the organisation has each use (action:git.clone)"

    def create(self, state: State) -> Mapping[str, Secret]:
        return {VALUE: _keypairs.made(self._old)}

    def activate(self, new: Mapping[str, Secret], state: State) -> str:
        public = _keypairs.public(NAME, new[VALUE])
        if self._found(public) is None:
            old = self._found(_keypairs.public(NAME, self._old)) or {}
            body = {
                "title": str(old.get("title") or "secretsweep"),
                "key": str(public),
                "read_only": bool(old.get("read_only", True)),
            }
            self._api.ask("POST", self._path, body)
        return f"deploy key {public.fingerprint} added to {self._repository}"

    def works(self, value: Mapping[str, Secret]) -> bool:
        """GitHub ends the session with 1, having greeted the repository by its name."""
        done = _keypairs.tried(NAME, value[VALUE], self._where, "")
        if done is None:
            return False
        if "successfully authenticated" not in done.said:
            said = " ".join(done.said.split())[:200]
            raise RotateError(
                f"github-deploy-key: {_keypairs.named(self._where)} does not answer as GitHub does: {said}"
            )
        return f"Hi {self._repository}!".lower() in done.said.lower()

    def delete(self, state: State) -> str:
        public = _keypairs.public(NAME, self._old)
        found = self._found(public)
        if found is not None:
            self._api.ask("DELETE", f"{self._path}/{int(found['id'])}", expected=(404,))
        return f"deploy key {public.fingerprint} removed from {self._repository}"

    def _found(self, public: _keypairs.Public) -> Mapping[str, Any] | None:
        for page in range(1, 11):
            keys = self._api.ask("GET", f"{self._path}?per_page=100&page={page}").body
            for key in keys:
                if str(key.get("key", "")).split()[:2] == [public.kind, public.blob]:
                    return dict(key)
            if len(keys) < 100:
                break
        return None
