"""GitHub's issues, github.com or an Enterprise Server: REST, API version 2022-11-28.

GitHub has no confidential issues, so a public repository is refused unless told. Found again by listing what has the
label: its search lags behind. A label is silently dropped for who may not set it, so the newest issues are looked at,
too, after a lost answer. https://docs.github.com/rest/issues/issues
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from secretsweep.errors import TrackerError, UsageError
from secretsweep.model import Entry
from secretsweep.model.node import Node, WrongShape
from secretsweep.trackers import Options, Tracker, _http
from secretsweep.trackers._http import Refused, Service
from secretsweep.trackers._issues import LABEL, Change, Issue, Issues
from secretsweep.trackers._markdown_texts import MarkdownTexts

NAME = "github"
LARGEST = 65_536  # characters of a body
_WHERE = re.compile(r"[A-Za-z0-9_-]{1,100}/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
_MEMBERS = ("OWNER", "MEMBER", "COLLABORATOR")
_HINTS = {
    401: "the token is not valid there (GH_TOKEN or GITHUB_TOKEN; for a server of your own GH_ENTERPRISE_TOKEN)",
    403: "the token may not: it needs Issues: read and write, and Metadata: read",
    404: "no such repository, or the token may not see it",
    410: "issues are switched off there",
}


def connected(options: Options, environ: Mapping[str, str]) -> Tracker:
    """UsageError when the token or the repository is not told."""
    base = _base(options.url, environ)
    host = _pages(base)
    where = options.where or _of_origin(options.origin, host)
    if not _WHERE.fullmatch(where):
        raise UsageError(f"--where {where or '(empty)'}: wants owner/repository of {host}")
    token = _token(base, host, environ)
    headers = {
        "Accept": "application/vnd.github+json",
        "Authorization": f"Bearer {token}",
        "X-GitHub-Api-Version": "2022-11-28",
    }
    return Issues(GitHub(Service(NAME, base, headers, token, environ, _HINTS), where, host, options))


@dataclass(slots=True)
class GitHub:
    """A repository's issues."""

    service: Service
    where: str
    host: str
    options: Options
    name: str = NAME
    notes: list[str] = field(default_factory=list)
    texts: MarkdownTexts = field(default_factory=lambda: MarkdownTexts(LARGEST))
    _me: str = ""  # "" for an app's token, which has no user

    def check(self) -> None:
        try:
            found = Node("", self.service.get(f"/repos/{self.where}").data)
            public, open_ = not found.flag("private"), found.missing("has_issues") or found.flag("has_issues")
            archived = not found.missing("archived") and found.flag("archived")
        except WrongShape as error:
            raise TrackerError(f"{NAME}: {self.where}: {error}; is {self.service.base} its API?") from None
        if public and not self.options.public:
            raise UsageError(
                f"{NAME}: everybody can read {self.where}, and would learn where credentials are; --where a private "
                "repository, or --public-tracker"
            )
        if not open_ or archived:
            raise TrackerError(f"{NAME}: {self.where}: {'is archived' if archived else 'has no issues'}; name another")
        try:
            self._me = Node("", self.service.get("/user").data).text("login")
        except Refused as error:
            if error.status not in (403, 404):
                raise

    def listed(self) -> Iterator[Issue]:
        return self._listed([("labels", LABEL), ("sort", "created"), ("direction", "asc")], everything=True)

    def recent(self) -> Iterator[Issue]:
        return self._listed([("sort", "created"), ("direction", "desc")], everything=False)

    def _listed(self, query: list[tuple[str, str]], everything: bool) -> Iterator[Issue]:
        path = f"/repos/{self.where}/issues"
        asked = [("state", "all"), ("per_page", "100"), *query]
        for page in range(1 << 20):
            _http.pages(page)
            answer = self.service.get(path, asked)
            if not isinstance(answer.data, list):
                raise TrackerError(f"{NAME}: {path}: the answer is no list; is {self.service.base} its API?")
            requests = [one for one in answer.data if isinstance(one, dict) and "pull_request" in one]
            yield from (self._issue(one) for one in answer.data if one not in requests)
            following = _next(answer.headers.get("link", ""))
            if not following or not everything:
                return
            asked = following

    def one(self, number: str) -> Issue | None:
        try:
            return self._issue(self.service.get(f"/repos/{self.where}/issues/{int(number)}").data)
        except Refused as error:
            if error.status in (301, 404, 410):  # moved to another repository, or deleted
                return None
            raise

    def create(self, title: str, text: Any, entry: Entry) -> Issue:
        labels = list(dict.fromkeys((LABEL, *self.options.labels)))
        wanted: dict[str, Any] = {"title": title, "body": text, "labels": labels}
        if self.options.assignees:
            wanted["assignees"] = list(self.options.assignees)
        issue = self._issue(self.service.send("POST", f"/repos/{self.where}/issues", wanted).data)
        if not issue.labelled:
            self.notes.append(
                f"{issue.url}: the token may not set labels there, so another machine does not find this issue; put "
                f"the label {LABEL} on it"
            )
        return issue

    def change(self, issue: Issue, change: Change) -> None:
        wanted: dict[str, Any] = {}
        if change.text is not None:
            wanted["body"] = change.text
        if change.closed is not None:
            reason = ("not_planned" if change.accepted else "completed") if change.closed else "reopened"
            wanted |= {"state": "closed" if change.closed else "open", "state_reason": reason}
        if not issue.labelled:
            wanted["labels"] = [*issue.more.get("labels", ()), LABEL]
        self.service.send("PATCH", f"/repos/{self.where}/issues/{int(issue.number)}", wanted)

    def comment(self, issue: Issue, said: str) -> None:
        self.service.send("POST", f"/repos/{self.where}/issues/{int(issue.number)}/comments", {"body": said})

    def _issue(self, data: Any) -> Issue:
        try:
            node = Node("", data)
            user = None if node.missing("user") else node.node("user")
            mine = user is not None and (
                user.text("login") == self._me if self._me else user.text("type", "") == "Bot"
            )
            labels = tuple(one if isinstance(one, str) else str(one.get("name")) for one in data.get("labels") or ())
            return Issue(
                number=str(node.number("number")),
                url=node.text("html_url"),
                text=node.text("body", ""),
                closed=node.text("state") == "closed",
                trusted=mine or node.text("author_association", "") in _MEMBERS,
                labelled=LABEL in labels,
                more={"labels": labels},
            )
        except (WrongShape, AttributeError) as error:
            raise _http.Lost(f"{NAME}: {self.where}: what it says of an issue cannot be read: {error}") from None


def _base(url: str, environ: Mapping[str, str]) -> str:
    """The API's URL: as told, else as the vendor's own variables say."""
    if url:
        return _whole(_http.address(url, "--tracker-url"))
    host, api = environ.get("GH_HOST", "").strip(), environ.get("GITHUB_API_URL", "").strip()
    named = _whole(_http.address(f"https://{host}", "GH_HOST")) if host else ""
    told = _http.address(api, "GITHUB_API_URL") if api else ""
    if named and told and urlsplit(named).hostname != urlsplit(told).hostname:
        raise UsageError("GITHUB_API_URL and GH_HOST name different hosts; say which one: --tracker-url")
    return told or named or "https://api.github.com"


def _whole(base: str) -> str:
    """The API of a host, where only the host was named."""
    parts = urlsplit(base)
    host = parts.hostname or ""
    if parts.path or host.startswith("api."):
        return base
    if host == "github.com" or host.endswith(".ghe.com"):
        return f"https://api.{host}"
    return f"{base}/api/v3"


def _pages(base: str) -> str:
    """The host whose pages people see."""
    host = urlsplit(base).hostname or ""
    return host.removeprefix("api.") if host == "api.github.com" or host.endswith(".ghe.com") else host


def _token(base: str, host: str, environ: Mapping[str, str]) -> str:
    """Of that host: a token for github.com is not sent to another one, as the vendor's own tool has it."""
    names: tuple[str, ...] = ("GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN")
    api = environ.get("GITHUB_API_URL", "").strip()
    if host == "github.com" or host.endswith(".ghe.com"):
        names = ("GH_TOKEN", "GITHUB_TOKEN")
    elif api and api.rstrip("/") == base:  # a workflow on that server, which has a token of it
        names = (*names, "GITHUB_TOKEN")
    if token := _http.secret(environ, *names):
        return token
    raise UsageError(f"--tracker github: wants a token for {host} in {' or '.join(names)}")


def _of_origin(origin: str, host: str) -> str:
    """`owner/repository` of the remote, when it is on that host."""
    at, _, path = origin.partition("/")
    if at == host:
        return path
    raise UsageError(f"--tracker github: wants --where owner/repository: the remote `origin` is not on {host}")


def _next(link: str) -> list[tuple[str, str]]:
    """The query of the next page, from a Link header; asked of our own address, wherever that one leads."""
    for part in link.split(","):
        if match := re.fullmatch(r'\s*<([^<>]*)>\s*;(?:[^,]*;)?\s*rel="next"\s*(?:;.*)?', part):
            return parse_qsl(urlsplit(match[1]).query)
    return []
