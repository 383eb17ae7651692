"""Jira's issues: Cloud by REST v3 with documents, Data Center by REST v2 with wiki markup.

Found again by JQL on a label; who may edit labels in the project is trusted. An issue is closed and reopened by the
workflow's own transitions, by the category of the status they lead to; where there is none, that is told. Who sees an
issue is up to the project: security levels are not set. https://developer.atlassian.com/cloud/jira/platform/rest/v3/
"""

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from secretsweep.errors import TrackerError, UsageError
from secretsweep.model import Entry
from secretsweep.model.node import Node, WrongShape
from secretsweep.trackers import Options, Tracker, _adf, _http, _wiki
from secretsweep.trackers._http import Refused, Service
from secretsweep.trackers._issues import LABEL, Change, Issue, Issues, Texts

NAME = "jira"
_WHERE = re.compile(r"[A-Z][A-Z0-9_]{1,254}")
_KEY = re.compile(r"[A-Z][A-Z0-9_]*-[0-9]+")
_FIELDS = "description,labels,status"
_DONE, _UNDONE = ("done",), ("new", "indeterminate")  # categories of statuses; the first that there is
_HINTS = {
    401: "the login is not valid there (JIRA_USER_EMAIL with JIRA_API_TOKEN; JIRA_PAT for Data Center)",
    403: "the login may not: it needs to browse, create, edit and move issues and to comment in the project",
    404: "no such project or issue, or the login may not see it",
}


def connected(options: Options, environ: Mapping[str, str]) -> Tracker:
    """UsageError when the login, the address or the project is not told."""
    url = options.url or environ.get("JIRA_URL", "").strip()
    if not url:
        raise UsageError("--tracker jira: wants its address in JIRA_URL or --tracker-url")
    base = _http.address(url, "--tracker-url" if options.url else "JIRA_URL")
    if not _WHERE.fullmatch(options.where):
        raise UsageError(f"--where {options.where or '(empty)'}: wants the key of a project, as in OPS")
    if len(options.assignees) > 1:
        raise UsageError("--assignee: an issue of Jira has one")
    token, bearer = _http.secret(environ, "JIRA_API_TOKEN"), _http.secret(environ, "JIRA_PAT")
    mail = environ.get("JIRA_USER_EMAIL", "").strip()
    if bool(token) == bool(bearer):
        raise UsageError(
            f"--tracker jira: {'has both logins' if token else 'wants a login'}: JIRA_USER_EMAIL with JIRA_API_TOKEN "
            "for Jira Cloud, or JIRA_PAT for Data Center"
        )
    if token and not mail:
        raise UsageError("--tracker jira: JIRA_API_TOKEN goes with JIRA_USER_EMAIL")
    login = f"Basic {base64.b64encode(f'{mail}:{token}'.encode()).decode()}" if token else f"Bearer {bearer}"
    headers = {"Accept": "application/json", "Authorization": login}
    service = Service(NAME, base, headers, token or bearer, environ, _HINTS)
    return Issues(Jira(service, options.where, urlsplit(base).hostname or "", options, cloud=bool(token)))


@dataclass(slots=True)
class Jira:
    """A project's issues."""

    service: Service
    where: str
    host: str
    options: Options
    cloud: bool
    name: str = NAME
    notes: list[str] = field(default_factory=list)
    _people: list[Any] = field(default_factory=list)

    @property
    def texts(self) -> Texts:
        return _adf.AdfTexts() if self.cloud else _wiki.WikiTexts()

    @property
    def _api(self) -> str:
        return f"/rest/api/{3 if self.cloud else 2}"

    def check(self) -> None:
        try:
            Node("", self.service.get(f"{self._api}/project/{self.where}").data).text("key")
            if self.options.assignees:
                self._people = [self._user(self.options.assignees[0])]
        except WrongShape as error:
            raise TrackerError(f"{NAME}: {self.where}: {error}; is {self.service.base} a Jira?") from None

    def listed(self) -> Iterator[Issue]:
        jql = f'project = "{self.where}" AND labels = "{LABEL}" ORDER BY created ASC'
        asked = [("jql", jql), ("fields", _FIELDS), ("maxResults", "100")]
        further: list[tuple[str, str]] = []
        for page in range(1 << 20):
            _http.pages(page)
            path = f"{self._api}/search/jql" if self.cloud else f"{self._api}/search"
            try:
                data = self.service.get(path, [*asked, *further]).data
                answer = Node("", data)
                issues = answer.nodes("issues")
                yield from map(self._issue, data["issues"])
                if self.cloud:
                    following = answer.text("nextPageToken", "")
                    further = [("nextPageToken", following)] if following else []
                else:
                    past = answer.number("startAt") + len(issues)
                    further = [("startAt", str(past))] if issues and past < answer.number("total") else []
            except WrongShape as error:
                raise TrackerError(f"{NAME}: {self.where}: {error}; is {self.service.base} a Jira?") from None
            if not further:
                return

    def recent(self) -> Iterator[Issue]:
        return iter(())  # a label is set with the issue or the issue refused

    def one(self, number: str) -> Issue | None:
        try:
            data = self.service.get(f"{self._api}/issue/{self._key(number)}", [("fields", _FIELDS)]).data
            return self._issue(data)
        except WrongShape as error:
            raise TrackerError(f"{NAME}: {number}: {error}") from None
        except Refused as error:
            if error.status == 404:
                return None
            raise

    def create(self, title: str, text: Any, entry: Entry) -> Issue:
        labels = list(dict.fromkeys((LABEL, f"{LABEL}-{entry.id[:16]}", *self.options.labels)))
        wanted: dict[str, Any] = {
            "project": {"key": self.where},
            "issuetype": {"name": self.options.issue_type or "Task"},
            "summary": title,
            "description": text,
            "labels": labels,
        }
        if self._people:
            wanted["assignee"] = self._people[0]
        try:
            made = Node("", self.service.send("POST", f"{self._api}/issue", {"fields": wanted}).data)
            key = self._key(made.text("key"))
        except WrongShape as error:
            raise _http.Lost(f"{NAME}: {self.where}: what it says of a new issue cannot be read: {error}") from None
        return Issue(key, f"{self.service.base}/browse/{key}", text, False, True)

    def change(self, issue: Issue, change: Change) -> None:
        path = f"{self._api}/issue/{self._key(issue.number)}"
        wanted: dict[str, Any] = {}
        if change.text is not None:
            wanted["fields"] = {"description": change.text}
        if not issue.labelled:
            wanted["update"] = {"labels": [{"add": LABEL}]}
        if wanted:
            self.service.send("PUT", path, wanted)
        if change.closed is not None:
            self._move(path, issue, change.closed)

    def _move(self, path: str, issue: Issue, closing: bool) -> None:
        """To a status of a category that fits, by a transition that the workflow has."""
        categories = _DONE if closing else _UNDONE
        try:
            ways = Node("", self.service.get(f"{path}/transitions").data).nodes("transitions")
            leads = {way.node("to").node("statusCategory").text("key"): way.text("id") for way in reversed(ways)}
        except WrongShape as error:
            raise TrackerError(f"{NAME}: {issue.number}: its transitions: {error}") from None
        found = next((leads[category] for category in categories if category in leads), None)
        word = "close" if closing else "open"
        if found is None:
            said = f"its workflow has no way from here to a status of the category {' or '.join(categories)}"
            self.notes.append(f"{issue.url}: {said}; {word} it by hand")
            return
        try:
            self.service.send("POST", f"{path}/transitions", {"transition": {"id": found}})
        except Refused as error:
            if error.status not in (400, 409):
                raise
            self.notes.append(f"{issue.url}: {error}; {word} it by hand")

    def comment(self, issue: Issue, said: str) -> None:
        path = f"{self._api}/issue/{self._key(issue.number)}/comment"
        self.service.send("POST", path, {"body": _adf.comment(said) if self.cloud else _wiki.comment(said)})

    def _user(self, name: str) -> dict[str, str]:
        """Who gets new issues, as the API wants it."""
        if not self.cloud:
            return {"name": name}
        asked = [("project", self.where), ("query", name)]
        found = self.service.get(f"{self._api}/user/assignable/search", asked).data
        if isinstance(found, list) and len(found) == 1:
            return {"accountId": Node("", found[0]).text("accountId")}
        many = len(found) if isinstance(found, list) else "no"
        raise UsageError(f"--assignee {name}: {many} users of {self.where} are called so; give the address of one")

    def _key(self, number: str) -> str:
        if not _KEY.fullmatch(number):
            raise TrackerError(f"{NAME}: {number[:40]!r} is no key of an issue")
        return number

    def _issue(self, data: Any) -> Issue:
        node = Node("", data)
        key = self._key(node.text("key"))
        fields = node.node("fields")
        return Issue(
            number=key,
            url=f"{self.service.base}/browse/{key}",
            text=data["fields"].get("description") if self.cloud else fields.text("description", ""),
            closed=fields.node("status").node("statusCategory").text("key") == "done",
            trusted=True,
            labelled=LABEL in fields.texts("labels"),
        )
