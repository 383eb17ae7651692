"""A GitLab access token of a project, a group or a person: a second one with the same rights, the first is revoked.

Only an administrator of the instance may make a second token for a person; otherwise the token rotates itself, which
ends the old one at once. A token that was rotated already is never rotated again: GitLab takes that for theft, and
revokes the new one. The administrator's token is GITLAB_TOKEN, as for GitLab's own command.

https://docs.gitlab.com/api/project_access_tokens/, https://docs.gitlab.com/api/personal_access_tokens/
"""

import re
import secrets
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from secretsweep.errors import RotateError
from secretsweep.model import Secret
from secretsweep.rotators import VALUE, Asked, Method, State, Told
from secretsweep.rotators._http import Api
from secretsweep.rotators._plain import Plain

NAME = "gitlab-token"
NEEDS = ""
GUIDES = ("gitlab-token",)
METHODS = {
    "second-token": Method(
        "a second token with the same scopes and role, and both work until the first is revoked", overlap=True
    ),
    "rotate": Method(
        "GitLab replaces the token: the old one is refused at once, and consumers must load the new one now"
    ),
}
ACCOUNT = ""
PATIENCE: tuple[float, ...] = ()
OPTIONS: dict[str, str] = {}
_BOT = re.compile(r"(project|group)_(\d+)_bot(?:_|\d|$)")
_MARK = re.compile(r" \[[0-9a-f]{8}\]$")  # in the name, of the run that made it
_LONGEST = 364  # days that every instance allows
_REFUSED = (401,)


def told(asked: Asked) -> Told:
    return Told(("what the token could read has leaked with it: CI/CD variables, with the scope api",))


def connected(asked: Asked, environ: Mapping[str, str]) -> "Token":
    """At `--service`, GITLAB_HOST or gitlab.com."""
    token = environ.get("GITLAB_TOKEN", "")
    if not token:
        raise RotateError("gitlab-token: no administrator's token: GITLAB_TOKEN")
    url = asked.url or environ.get("GITLAB_HOST") or "https://gitlab.com"
    url = url if "://" in url else f"https://{url}"
    api = Api(NAME, f"{url.rstrip('/')}/api/v4", "PRIVATE-TOKEN", Secret(token.encode()))
    return Token(api, asked)


class Token(Plain):
    """The administrator's API."""

    def __init__(self, api: Api, asked: Asked) -> None:
        self._api = api
        self._old = asked.old
        self._rotates = asked.method == "rotate"

    def assess(self) -> str:
        found = self._own(self._old)
        if found is None:
            raise RotateError(
                f"gitlab-token: {self._api.url} refuses the leaked token: another server, or dead already "
                "(`secretsweep verify`)"
            )
        mine = self._api.ask("GET", "personal_access_tokens/self", expected=(400, 404))
        if mine.fine and mine.body.get("id") == found["id"]:
            raise RotateError("gitlab-token: it is the token that you work with; be another administrator")
        kind, owner = self._owner()
        return (
            f"{kind} token {found['id']} ({found['name']}) of {owner}, scopes {', '.join(found['scopes'])}, "
            f"until {found.get('expires_at') or 'for ever'}"
        )

    def misuse(self, since: str) -> str:
        found = self._own(self._old) or {}
        from_ = f" from {', '.join(found['last_used_ips'])}" if found.get("last_used_ips") else ""
        return f"last used {found.get('last_used_at') or 'never'}{from_}"

    def prepare(self, state: State) -> None:
        """What the old one is, and how ours is known. What a run made that crashed before it could store it goes."""
        if "old" not in state:
            found = self._own(self._old)
            if found is None:
                raise RotateError("gitlab-token: the old token is refused now; nothing was changed")
            kind, owner = self._owner()
            state["old"] = {name: found.get(name) for name in ("id", "name", "scopes", "user_id", "expires_at")}
            state["old"]["created_at"] = found.get("created_at")
            state["kind"], state["owner"] = kind, owner
            state["before"] = max((int(token["id"]) for token in self._listed(state)), default=int(found["id"]))
        elif not self._rotates:
            for token in self._listed(state):
                if token.get("active") and str(token.get("name", "")).endswith(f" [{state['mark']}]"):
                    self._revoke(state, int(token["id"]))
        state["mark"] = secrets.token_hex(4)

    def create(self, state: State) -> Mapping[str, Secret]:
        old = state["old"]
        if self._rotates:
            number = self._active(state)
            made = self._api.ask("POST", f"{self._path(state)}/{number}/rotate", {"expires_at": _end(old)}).body
        else:
            body: dict[str, Any] = {
                "name": f"{_MARK.sub('', old['name'])} [{state['mark']}]",
                "scopes": old["scopes"],
                "expires_at": _end(old),
            }
            if state["kind"] == "personal":
                path = f"users/{int(old['user_id'])}/personal_access_tokens"
            else:
                path = self._path(state)
                body["access_level"] = self._api.ask("GET", f"{path}/{int(old['id'])}").body["access_level"]
            made = self._api.ask("POST", path, body).body
        state["id"] = made["id"]
        return {VALUE: Secret(str(made["token"]).encode())}

    def adopt(self, new: Mapping[str, Secret], state: State) -> None:
        found = self._own(new[VALUE])
        if found is None:
            raise RotateError("gitlab-token: the store has another value, which GitLab refuses; nothing was changed")
        state["id"] = found["id"]

    def activate(self, new: Mapping[str, Secret], state: State) -> str:
        return f"token {state['id']} {'in place of' if self._rotates else 'beside'} {state['old']['id']}"

    def works(self, value: Mapping[str, Secret]) -> bool:
        return self._own(value[VALUE]) is not None

    def delete(self, state: State) -> str:
        if not self._rotates:
            self._revoke(state, int(state["old"]["id"]))
        return f"token {state['old']['id']} revoked"

    def _own(self, token: Secret) -> Mapping[str, Any] | None:
        """What a token is, in its own words; None when it is refused."""
        answer = self._api.ask("GET", "personal_access_tokens/self", token=token, expected=_REFUSED)
        return dict(answer.body) if answer.fine and answer.body.get("active", True) else None

    def _owner(self) -> tuple[str, str]:
        """Kind and owner of the old token: tokens of projects and groups belong to a bot that is called so."""
        answer = self._api.ask("GET", "user", token=self._old, expected=(403,))
        if not answer.fine:  # its scopes do not let it ask who it is
            found = self._own(self._old) or {}
            answer = self._api.ask("GET", f"users/{int(found['user_id'])}")
        name = str(answer.body["username"])
        match = _BOT.match(name)
        return (match[1], match[2]) if match else ("personal", name)

    def _path(self, state: State) -> str:
        if state["kind"] == "personal":
            return "personal_access_tokens"
        return f"{state['kind']}s/{int(state['owner'])}/access_tokens"

    def _listed(self, state: State) -> list[Mapping[str, Any]]:
        of = f"&user_id={int(state['old']['user_id'])}" if state["kind"] == "personal" else ""
        return list(self._api.ask("GET", f"{self._path(state)}?state=active&per_page=100{of}").body)

    def _active(self, state: State) -> int:
        """The old token; or what it became in a run that crashed, which alone may be rotated again."""
        old = int(state["old"]["id"])
        listed = [int(t["id"]) for t in self._listed(state) if t["name"] == state["old"]["name"] and t.get("active")]
        if old in listed:
            return old
        since = [number for number in listed if number > int(state["before"])]
        if len(since) != 1:
            raise RotateError(
                f"gitlab-token: {len(since)} active tokens of that name came since: make one by hand, and store it"
            )
        return since[0]

    def _revoke(self, state: State, number: int) -> None:
        self._api.ask("DELETE", f"{self._path(state)}/{number}", expected=(404,))


def _end(old: Mapping[str, Any]) -> str:
    """As long from today as the old one was made for."""
    today = datetime.now(UTC).date()
    days = _LONGEST
    if old.get("expires_at") and old.get("created_at"):
        days = (date.fromisoformat(old["expires_at"]) - date.fromisoformat(old["created_at"][:10])).days
    return (today + timedelta(days=max(1, min(days, _LONGEST)))).isoformat()
