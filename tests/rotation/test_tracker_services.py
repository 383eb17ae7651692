"""What is special about GitHub, GitLab and Jira: who may read, who is trusted, and where tokens go."""

from dataclasses import replace
from typing import Any

import pytest
from desks import Desk
from entries import ID, entry
from serving import TOKEN, Fault
from test_trackers import brought, closed, seen

from secretsweep import trackers
from secretsweep.errors import TrackerError, UsageError
from secretsweep.trackers import Options

MARKER = f"<!-- secretsweep:fp={ID} -->"
CREATED = r"^POST .*/issues$"


def test_a_public_repository_is_refused_unless_told(github: Desk) -> None:
    github.served.public = True  # type: ignore[attr-defined]
    with pytest.raises(UsageError, match="--public-tracker"):
        brought(github, entry())
    assert github.served.sent("POST") == []
    brought(replace(github, options={"public": True}), entry())
    assert len(github.issues) == 1


@pytest.mark.parametrize(("field", "value"), [("has_issues", False), ("archived", True)])
def test_a_repository_that_takes_no_issues_is_told(github: Desk, field: str, value: bool) -> None:
    setattr(github.served, field, value)
    with pytest.raises(TrackerError, match="name another"):
        brought(github, entry())


def test_a_strangers_issue_is_left_alone(github: Desk) -> None:
    github.served.opened(MARKER + "\n- [x] **delete** done\n  - evidence: trust me", "mallory")  # type: ignore[attr-defined]
    assert seen(github) == {}
    brought(github, entry())
    assert github.issues["1"]["state"] == "open" and github.issues["1"]["comments"] == []
    assert seen(github)[ID].posted.number == "2" and seen(github)[ID].done == {}
    tracker = github.connected()
    tracker.seen()
    assert "not from a member" in tracker.close()[0]


@pytest.mark.parametrize("association", ["OWNER", "MEMBER", "COLLABORATOR"])
def test_a_members_issue_counts(github: Desk, association: str) -> None:
    github.served.opened(MARKER, "ada", association)  # type: ignore[attr-defined]
    assert seen(github)[ID].posted.number == "1"


@pytest.mark.parametrize("association", ["NONE", "CONTRIBUTOR", "FIRST_TIMER", "MANNEQUIN"])
def test_who_once_contributed_is_a_stranger(github: Desk, association: str) -> None:
    github.served.opened(MARKER, "ada", association)  # type: ignore[attr-defined]
    assert seen(github) == {}


def test_pull_requests_and_issues_of_several_entries_are_left_alone(github: Desk) -> None:
    github.served.opened(MARKER, pull=True)  # type: ignore[attr-defined]
    github.served.opened(f"{MARKER}\n<!-- secretsweep:fp={'a' * 32} -->")  # type: ignore[attr-defined]
    assert seen(github) == {}


def test_an_apps_token_finds_its_own_issues(github: Desk) -> None:
    github.served.app = True  # type: ignore[attr-defined]
    posted = brought(github, entry())[ID]
    github.served.opened(MARKER, "mallory")  # type: ignore[attr-defined]
    assert seen(github)[ID].posted == posted


def test_a_label_that_was_dropped_is_told_and_opens_nothing_twice(github: Desk) -> None:
    github.served.labels_dropped = True  # type: ignore[attr-defined]
    tracker = github.connected()
    tracker.seen()
    github.served.fails(CREATED, Fault("reset-after"))
    posted = tracker.post(entry())
    assert len(github.issues) == 1
    brought(github, entry(posted=(posted,)))
    assert len(github.issues) == 1
    tracker = github.connected()
    tracker.post(entry("a" * 32))
    assert "may not set labels" in tracker.close()[0]


def test_labels_and_assignees_are_set(github: Desk, gitlab: Desk) -> None:
    options = {"labels": ("security", "secretsweep"), "assignees": ("ada",)}
    brought(replace(github, options=options), entry())
    assert (github.issues["1"]["labels"], github.issues["1"]["assignees"]) == (["secretsweep", "security"], ["ada"])
    brought(replace(gitlab, options=options), entry())
    assert (gitlab.issues["1"]["labels"], gitlab.issues["1"]["assignees"]) == (["secretsweep", "security"], [2])


def test_a_reason_says_whether_it_was_done(github: Desk) -> None:
    brought(github, closed(entry()), replace(entry("a" * 32), state="accepted"))
    assert [github.issues[n]["state_reason"] for n in "12"] == ["completed", "not_planned"]


def test_labels_of_people_stay(github: Desk) -> None:
    posted = brought(github, entry())[ID]
    github.issues["1"]["labels"] = ["urgent"]
    brought(github, entry(posted=(posted,)))
    assert github.issues["1"]["labels"] == ["urgent", "secretsweep"]


def test_issues_of_gitlab_are_confidential_unless_told(gitlab: Desk) -> None:
    brought(gitlab, entry())
    brought(replace(gitlab, options={"public": True}), entry("a" * 32))
    assert [gitlab.issues[n]["confidential"] for n in "12"] == [True, False]


@pytest.mark.parametrize("lost", [False, True])
def test_an_issue_that_is_not_confidential_is_emptied_at_once(gitlab: Desk, lost: bool) -> None:
    gitlab.served.openly = True  # type: ignore[attr-defined]
    if lost:
        gitlab.served.fails(CREATED, Fault("reset-after"))
        brought(gitlab, entry())
        assert gitlab.issues["1"]["confidential"]
        return
    with pytest.raises(TrackerError, match="delete it"):
        brought(gitlab, entry())
    issue = gitlab.issues["1"]
    assert (issue["title"], issue["body"], issue["confidential"]) == ("Withheld", "Withheld.", True)


def test_an_issue_that_was_made_public_is_confidential_again(gitlab: Desk) -> None:
    brought(gitlab, entry())
    gitlab.issues["1"]["confidential"] = False
    tracker = gitlab.connected()
    tracker.update(tracker.seen()[ID], entry())
    assert gitlab.issues["1"]["confidential"] and "is confidential again" in tracker.close()[0]


@pytest.mark.parametrize(("author", "counts"), [(1, True), (2, True), (3, False), (4, False)])
def test_issues_of_guests_and_strangers_do_not_count(gitlab: Desk, author: int, counts: bool) -> None:
    gitlab.served.opened(MARKER, author)  # type: ignore[attr-defined]
    assert (ID in seen(gitlab)) is counts


def test_an_assignee_that_does_not_exist_is_told(gitlab: Desk, jira: Desk) -> None:
    with pytest.raises(UsageError, match="no such user"):
        brought(replace(gitlab, options={"assignees": ("nobody",)}), entry())
    with pytest.raises(UsageError, match="has one"):
        jira.connected(assignees=("one", "two"))


def test_a_jobs_token_is_not_enough(gitlab: Desk) -> None:
    with pytest.raises(UsageError, match="CI_JOB_TOKEN of a job may not"):
        replace(gitlab, environ={"CI_JOB_TOKEN": TOKEN}).connected()


def test_jira_sets_type_assignee_and_a_label_of_the_entry(jira: Desk) -> None:
    brought(replace(jira, options={"issue_type": "Bug", "assignees": ("ada@example.org",)}), entry())
    issue = jira.issues["OPS-1"]
    assert issue["labels"] == ["secretsweep", f"secretsweep-{ID[:16]}"]
    assert issue["assignee"] in ({"accountId": "5b10"}, {"name": "ada@example.org"})
    with pytest.raises(TrackerError, match="valid issue type"):
        brought(replace(jira, options={"issue_type": "Nonsense"}), entry("a" * 32))


@pytest.mark.parametrize("field", ["stuck", "screen"])
def test_an_issue_that_cannot_be_moved_is_told(jira: Desk, field: str) -> None:
    brought(jira, entry())
    setattr(jira.served, field, True)
    tracker = jira.connected()
    tracker.update(tracker.seen()[ID], closed(entry()))
    assert "close it by hand" in tracker.close()[0]
    assert not jira.is_closed("OPS-1") and "closed 2026-03-02" in jira.texts()["OPS-1"].replace("&#45;", "-")


@pytest.mark.parametrize(
    "environ",
    [{}, {"JIRA_API_TOKEN": TOKEN}, {"JIRA_API_TOKEN": TOKEN, "JIRA_USER_EMAIL": "a@b", "JIRA_PAT": TOKEN},
     {"JIRA_USER_EMAIL": "a@b"}],
)  # fmt: skip
def test_jira_wants_exactly_one_login(jira: Desk, environ: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="JIRA_"):
        replace(jira, environ=environ).connected()


def base(name: str, environ: dict[str, str], **options: Any) -> str:
    tracker = trackers.named(name).connected(Options(**options), environ)
    return str(tracker.desk.service.base)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("environ", "url", "wanted"),
    [
        ({"GH_TOKEN": TOKEN}, "", "https://api.github.com"),
        ({"GITHUB_TOKEN": TOKEN, "GITHUB_API_URL": "https://api.github.com"}, "", "https://api.github.com"),
        ({"GH_TOKEN": TOKEN}, "https://api.acme.ghe.com", "https://api.acme.ghe.com"),
        ({"GH_TOKEN": TOKEN, "GH_HOST": "acme.ghe.com"}, "", "https://api.acme.ghe.com"),
        ({"GH_ENTERPRISE_TOKEN": TOKEN, "GH_HOST": "git.acme.org"}, "", "https://git.acme.org/api/v3"),
        ({"GH_ENTERPRISE_TOKEN": TOKEN}, "https://git.acme.org", "https://git.acme.org/api/v3"),
        ({"GITHUB_TOKEN": TOKEN, "GITHUB_API_URL": "https://git.acme.org/api/v3"}, "", "https://git.acme.org/api/v3"),
    ],
)
def test_the_address_of_github_and_its_token_belong_together(environ: dict[str, str], url: str, wanted: str) -> None:
    assert base("github", environ, url=url, where="shop/infra") == wanted


@pytest.mark.parametrize(
    ("environ", "url"),
    [
        ({"GH_TOKEN": TOKEN, "GITHUB_TOKEN": TOKEN}, "https://git.acme.org/api/v3"),
        ({"GH_ENTERPRISE_TOKEN": TOKEN}, ""),
        ({"GH_ENTERPRISE_TOKEN": TOKEN}, "https://api.github.com"),
        ({"GITHUB_TOKEN": TOKEN, "GITHUB_API_URL": "https://api.github.com"}, "https://evil.example"),
        ({"GH_TOKEN": TOKEN, "GITHUB_API_URL": "https://api.github.com", "GH_HOST": "git.acme.org"}, ""),
    ],
)
def test_a_token_is_not_sent_to_another_vendor_or_host(environ: dict[str, str], url: str) -> None:
    with pytest.raises(UsageError):
        base("github", environ, url=url, where="shop/infra")


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        ({}, "https://gitlab.com/api/v4"),
        ({"GITLAB_HOST": "git.acme.org"}, "https://git.acme.org/api/v4"),
        ({"GITLAB_HOST": "https://git.acme.org/gitlab"}, "https://git.acme.org/gitlab/api/v4"),
        ({"CI_API_V4_URL": "https://git.acme.org/api/v4"}, "https://git.acme.org/api/v4"),
    ],
)
def test_the_address_of_gitlab(environ: dict[str, str], wanted: str) -> None:
    assert base("gitlab", {"GITLAB_TOKEN": TOKEN, **environ}, where="shop/infra") == wanted


def test_variables_that_disagree_are_told() -> None:
    environ = {"GITLAB_TOKEN": TOKEN, "GITLAB_HOST": "a.example", "CI_API_V4_URL": "https://b.example/api/v4"}
    with pytest.raises(UsageError, match="different hosts"):
        base("gitlab", environ, where="shop/infra")


@pytest.mark.parametrize(
    ("name", "environ", "origin", "fine"),
    [
        ("github", {"GH_TOKEN": TOKEN}, "github.com/shop/infra", True),
        ("github", {"GH_TOKEN": TOKEN}, "gitlab.com/shop/infra", False),
        ("github", {"GH_TOKEN": TOKEN}, "github.com.evil.example/shop/infra", False),
        ("github", {"GH_TOKEN": TOKEN}, "", False),
        ("github", {"GH_TOKEN": TOKEN}, "github.com/shop", False),
        ("gitlab", {"GITLAB_TOKEN": TOKEN}, "gitlab.com/shop/platform/infra", True),
        ("gitlab", {"GITLAB_TOKEN": TOKEN}, "github.com/shop/infra", False),
        ("gitlab", {"GITLAB_TOKEN": TOKEN, "GITLAB_HOST": "git.acme.org"}, "git.acme.org/shop/infra", True),
        ("jira", {"JIRA_PAT": TOKEN, "JIRA_URL": "https://jira.acme.org"}, "jira.acme.org/OPS", False),
    ],
)
def test_the_place_is_the_remotes_only_on_the_same_host(
    name: str, environ: dict[str, str], origin: str, fine: bool
) -> None:
    if fine:
        tracker = trackers.named(name).connected(Options(origin=origin), environ)
        assert tracker.desk.where == origin.partition("/")[2]  # type: ignore[attr-defined]
    else:
        with pytest.raises(UsageError, match="--where"):
            trackers.named(name).connected(Options(origin=origin), environ)
