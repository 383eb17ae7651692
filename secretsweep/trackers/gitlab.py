"""GitLab's issues, gitlab.com or self-managed: REST v4. They are confidential unless told otherwise.

Found again by listing what has the label. An issue that the server made readable for everybody all the same is emptied
at once, and told. https://docs.gitlab.com/api/issues/
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from secretsweep.errors import TrackerError, UsageError
from secretsweep.model import Entry
from secretsweep.model.node import Node, WrongShape
from secretsweep.trackers import Options, Tracker, _http
from secretsweep.trackers._http import Refused, Service
from secretsweep.trackers._issues import LABEL, Change, Issue, Issues
from secretsweep.trackers._markdown_texts import MarkdownTexts

NAME = "gitlab"
LARGEST = 1_000_000  # characters of a description; GitLab takes 1,048,576
_WHERE = re.compile(r"[A-Za-z0-9_.-]{1,255}(?:/[A-Za-z0-9_.-]{1,255}){1,20}")
_PLANNER = 15  # the least role whose issues count; a guest's do not
_HINTS = {
    401: "the token is not valid there (GITLAB_TOKEN)",
    403: "the token may not: it needs the scope api, and the role Reporter (or Planner) in the project",
    404: "no such project, issues are switched off there, or the token may not see it",
}


def connected(options: Options, environ: Mapping[str, str]) -> Tracker:
    """UsageError when the token or the project is not told."""
    base = _base(options.url, environ)
    host = urlsplit(base).hostname or ""
    where = options.where or _of_origin(options.origin, host)
    if not _WHERE.fullmatch(where) or any(part in (".", "..") for part in where.split("/")):
        raise UsageError(f"--where {where or '(empty)'}: wants group/project of {host}")
    if any("," in label for label in options.labels):
        raise UsageError("--label: a label of GitLab has no comma")
    token = _http.secret(environ, "GITLAB_TOKEN")
    if not token:
        job = "; the CI_JOB_TOKEN of a job may not write issues" if environ.get("CI_JOB_TOKEN") else ""
        raise UsageError(f"--tracker gitlab: wants a token for {host} in GITLAB_TOKEN{job}")
    service = Service(NAME, base, {"PRIVATE-TOKEN": token}, token, environ, _HINTS)
    return Issues(GitLab(service, where, host, options))


@dataclass(slots=True)
class GitLab:
    """A project's issues."""

    service: Service
    where: str
    host: str
    options: Options
    name: str = NAME
    notes: list[str] = field(default_factory=list)
    texts: MarkdownTexts = field(default_factory=lambda: MarkdownTexts(LARGEST))
    _me: int = 0
    _members: dict[int, bool] = field(default_factory=dict)

    @property
    def _project(self) -> str:
        return f"/projects/{quote(self.where, safe='')}"

    def check(self) -> None:
        try:
            Node("", self.service.get(self._project).data).number("id")
            self._me = Node("", self.service.get("/user").data).number("id")
        except WrongShape as error:
            raise TrackerError(f"{NAME}: {self.where}: {error}; is {self.service.base} its API?") from None

    def listed(self) -> Iterator[Issue]:
        return self._listed([("labels", LABEL), ("order_by", "created_at"), ("sort", "asc")], everything=True)

    def recent(self) -> Iterator[Issue]:
        return self._listed([("order_by", "created_at"), ("sort", "desc")], everything=False)

    def _listed(self, query: list[tuple[str, str]], everything: bool) -> Iterator[Issue]:
        page = "1"
        for number in range(1 << 20):
            _http.pages(number)
            asked = [("state", "all"), ("scope", "all"), ("per_page", "50"), ("page", page), *query]
            answer = self.service.get(f"{self._project}/issues", asked)
            if not isinstance(answer.data, list):
                raise TrackerError(f"{NAME}: {self.where}: the answer is no list; is {self.service.base} its API?")
            yield from map(self._issue, answer.data)
            page = answer.headers.get("x-next-page", "").strip()
            if not page.isdigit() or not everything:
                return

    def one(self, number: str) -> Issue | None:
        try:
            return self._issue(self.service.get(f"{self._project}/issues/{int(number)}").data)
        except Refused as error:
            if error.status == 404:
                return None
            raise

    def create(self, title: str, text: Any, entry: Entry) -> Issue:
        labels = ",".join(dict.fromkeys((LABEL, *self.options.labels)))
        wanted: dict[str, Any] = {"title": title, "description": text, "labels": labels}
        wanted["confidential"] = not self.options.public
        if people := [self._user(name) for name in self.options.assignees]:
            wanted["assignee_ids"] = people
        issue = self._issue(self.service.send("POST", f"{self._project}/issues", wanted).data)
        if not self.options.public and not issue.more["confidential"]:
            self._emptied(issue)
        return issue

    def _emptied(self, issue: Issue) -> None:
        nothing = {"title": "Withheld", "description": "Withheld.", "confidential": True, "state_event": "close"}
        self.service.send("PUT", f"{self._project}/issues/{issue.number}", nothing)
        raise TrackerError(
            f"{NAME}: {issue.url} was to be confidential, but the server made it readable for all; its text was taken "
            "away at once, but not its history: delete it. --public-tracker posts openly"
        )

    def change(self, issue: Issue, change: Change) -> None:
        wanted: dict[str, Any] = {}
        if change.text is not None:
            wanted["description"] = change.text
        if change.closed is not None:
            wanted["state_event"] = "close" if change.closed else "reopen"
        if not issue.labelled:
            wanted["add_labels"] = LABEL
        if not self.options.public and not issue.more["confidential"]:
            wanted["confidential"] = True
            self.notes.append(f"{issue.url} was readable for all, and is confidential again")
        self.service.send("PUT", f"{self._project}/issues/{issue.number}", wanted)

    def comment(self, issue: Issue, said: str) -> None:
        self.service.send("POST", f"{self._project}/issues/{issue.number}/notes", {"body": said})

    def _user(self, name: str) -> int:
        """The number of a user. UsageError when there is none of that name."""
        found = self.service.get("/users", [("username", name)]).data
        if isinstance(found, list) and len(found) == 1 and isinstance(found[0].get("id"), int):
            return int(found[0]["id"])
        raise UsageError(f"--assignee {name}: no such user of {self.host}")

    def _trusted(self, author: int) -> bool:
        """Whether an issue of theirs counts: ours, and those of the project's members above guests."""
        if author == self._me:
            return True
        if author not in self._members:
            try:
                level = Node("", self.service.get(f"{self._project}/members/all/{author}").data).number("access_level")
                self._members[author] = level >= _PLANNER
            except Refused as error:
                if error.status not in (403, 404):
                    raise
                self._members[author] = False
        return self._members[author]

    def _issue(self, data: Any) -> Issue:
        try:
            node = Node("", data)
            confidential = node.flag("confidential")
            labels = node.texts("labels")
            return Issue(
                number=str(node.number("iid")),
                url=node.text("web_url"),
                text=node.text("description", ""),
                closed=node.text("state") == "closed",
                trusted=self._trusted(node.node("author").number("id")),
                labelled=LABEL in labels and (confidential or self.options.public),
                more={"confidential": confidential, "labels": labels},
            )
        except WrongShape as error:
            raise _http.Lost(f"{NAME}: {self.where}: what it says of an issue cannot be read: {error}") from None


def _base(url: str, environ: Mapping[str, str]) -> str:
    """The API's URL: as told, else as the vendor's own variables say."""
    if url:
        return _whole(_http.address(url, "--tracker-url"))
    host, api = environ.get("GITLAB_HOST", "").strip(), environ.get("CI_API_V4_URL", "").strip()
    named = ""
    if host:
        named = _whole(_http.address(host if "://" in host else f"https://{host}", "GITLAB_HOST"))
    told = _http.address(api, "CI_API_V4_URL") if api else ""
    if named and told and urlsplit(named).hostname != urlsplit(told).hostname:
        raise UsageError("CI_API_V4_URL and GITLAB_HOST name different hosts; say which one: --tracker-url")
    return told or named or "https://gitlab.com/api/v4"


def _whole(base: str) -> str:
    return base if base.endswith("/api/v4") else f"{base}/api/v4"


def _of_origin(origin: str, host: str) -> str:
    """`group/project` of the remote, when it is on that host."""
    at, _, path = origin.partition("/")
    if at == host:
        return path
    raise UsageError(f"--tracker gitlab: wants --where group/project: the remote `origin` is not on {host}")
