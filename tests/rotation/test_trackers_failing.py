"""Services that refuse, lose answers or are not what they seem: nothing is opened twice or lost, no token leaves."""

import time
from dataclasses import replace

import pytest
from conftest import served
from desks import Desk
from entries import ID, entry
from serving import TOKEN, Asked, Fault, Served, serving
from test_trackers import brought, seen

from secretsweep.errors import TrackerError, UsageError
from secretsweep.trackers import _http

CREATED = r"^POST .*(issues|issue)$"
LISTED = r"^GET .*(issues|/search(/jql)?)$"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_http, "PATIENCE", 1.0)


def status(number: int, **headers: str) -> Fault:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Fault("status", number, named, b'{"message": "so it is", "errorMessages": ["so it is"]}')


@pytest.mark.parametrize("number", [400, 401, 403, 404, 410, 422])
@pytest.mark.parametrize("where", [CREATED, LISTED])
def test_a_refusal_is_told_and_asked_once(place: Desk, where: str, number: int, waited: list[float]) -> None:
    place.served.fails(where, status(number))
    with pytest.raises(TrackerError, match=f"{number}: so it is") as told:
        brought(place, entry())
    assert told.value.exit_code == 4 and place.issues == {} and waited == []
    brought(place, entry())
    assert place.numbers(ID) == [next(iter(place.issues))]


@pytest.mark.parametrize("number", [500, 502, 503, 504])
def test_a_list_is_asked_again_after_an_error_of_the_server(place: Desk, number: int, waited: list[float]) -> None:
    place.served.fails(LISTED, status(number), status(number))
    brought(place, entry())
    assert len(place.numbers(ID)) == 1 and waited == list(_http.BACKOFF)


def test_a_server_that_stays_down_is_told_and_nothing_is_opened(place: Desk) -> None:
    place.served.fails(LISTED, *[status(503)] * 3)
    with pytest.raises(TrackerError, match="503"):
        brought(place, entry())
    assert place.served.sent("POST") == []


@pytest.mark.parametrize("kind", ["status-before", "status-after", "hang-before", "hang-after", "reset-before",
                                  "reset-after", "garbage-before", "garbage-after", "short-after"])  # fmt: skip
def test_a_lost_answer_opens_nothing_twice(place: Desk, kind: str, request: pytest.FixtureRequest) -> None:
    if kind.startswith("hang"):
        request.getfixturevalue("impatient")
    place.served.fails(CREATED, Fault(kind, 502))
    posted = brought(place, entry())[ID]
    assert place.numbers(ID) == [posted.number] and len(place.issues) == 1
    assert seen(place)[ID].posted == posted
    assert len(place.served.sent("POST")) == (2 if kind.endswith("before") else 1)


@pytest.mark.parametrize("kind", ["status-after", "reset-after"])
def test_a_lost_answer_is_found_by_the_next_run_when_the_list_is_down_too(place: Desk, kind: str) -> None:
    tracker = place.connected()
    tracker.seen()
    place.served.fails(CREATED, Fault(kind, 502))
    place.served.fails(LISTED, *[status(500)] * 3)
    with pytest.raises(TrackerError):
        tracker.post(entry())
    assert len(place.issues) == 1
    brought(place, entry())
    assert len(place.issues) == 1


def test_two_lost_answers_are_told_and_the_next_run_opens_it(place: Desk) -> None:
    place.served.fails(CREATED, Fault("reset"), Fault("reset"))
    with pytest.raises(TrackerError, match="the next run looks first"):
        brought(place, entry())
    assert place.issues == {}
    brought(place, entry())
    assert len(place.issues) == 1


def test_a_short_limit_is_waited_for(place: Desk, waited: list[float]) -> None:
    place.served.fails(CREATED, status(429, Retry_After="7"), status(429, Retry_After="3"))
    brought(place, entry())
    assert waited == [7, 3] and len(place.issues) == 1


def test_a_limit_that_is_reset_soon_is_waited_for(place: Desk, waited: list[float]) -> None:
    place.served.fails(CREATED, status(429, X_RateLimit_Remaining="0", X_RateLimit_Reset=str(int(time.time()) + 30)))
    brought(place, entry())
    assert len(waited) == 1 and 20 < waited[0] < 31


@pytest.mark.parametrize("after", ["3600", "Wed, 21 Oct 2099 07:28:00 GMT"])
def test_a_long_limit_is_told_with_its_end(place: Desk, after: str, waited: list[float]) -> None:
    place.served.fails(CREATED, status(429, Retry_After=after))
    with pytest.raises(TrackerError, match=r"try again after 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC"):
        brought(place, entry())
    assert waited == [] and place.issues == {}


def test_a_limit_without_end_is_waited_for_twice_at_most(place: Desk, waited: list[float]) -> None:
    place.served.fails(CREATED, *[status(429)] * 5)
    with pytest.raises(TrackerError, match="too many requests"):
        brought(place, entry())
    assert waited == [60, 60] and place.issues == {}


@pytest.mark.parametrize(
    "fault", [status(403, Retry_After="5"), Fault("status", 403, {}, b'{"message": "exceeded a secondary rate limit"}')]
)
def test_githubs_second_limit_is_a_limit(github: Desk, fault: Fault, waited: list[float]) -> None:
    github.served.fails(CREATED, fault)
    brought(github, entry())
    assert len(waited) == 1 and len(github.issues) == 1


@pytest.mark.parametrize("number", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("where", [CREATED, LISTED])
def test_no_redirect_is_followed(place: Desk, where: str, number: int) -> None:
    with serving(Elsewhere({"operations": {}})) as other:
        place.served.fails(where, status(number, Location=f"{other.url}/steal"))
        with pytest.raises(TrackerError, match="redirected"):
            brought(place, entry())
        assert other.requests == [] and place.issues == {}


class Elsewhere(Served):
    def authorised(self, asked: Asked) -> bool:
        return False


def test_an_answer_without_end_is_cut_off(place: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_http, "LARGEST", 1 << 20)
    place.served.fails(LISTED, *[Fault("huge")] * 3)
    with pytest.raises(TrackerError, match="more than 1 MiB"):
        brought(place, entry())


def test_an_answer_by_drops_is_cut_off(place: Desk, impatient: None) -> None:
    place.served.fails(LISTED, *[Fault("drip")] * 3)
    begun = time.monotonic()
    with pytest.raises(TrackerError, match=r"no answer within 1 seconds"):
        brought(place, entry())
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("body", [b"", b"null", b'"text"', b"[1]", b'[{"number": "x"}]', b'{"issues": [{}]}', b"\xff\xfe", b"[" * 9999])  # fmt: skip  # noqa: E501
def test_an_answer_of_another_shape_is_told(place: Desk, body: bytes) -> None:
    place.served.fails(LISTED, *[Fault("status", 200, {}, body)] * 3)
    with pytest.raises(TrackerError):
        brought(place, entry())
    assert place.issues == {}


def test_an_update_that_is_lost_is_made_by_the_next_run(place: Desk) -> None:
    brought(place, entry())
    place.served.fails(r"^(PATCH|PUT) ", Fault("reset"))
    with pytest.raises(TrackerError):
        brought(place, entry(severity="low"))
    brought(place, entry(severity="low"))
    assert "severity low" in place.texts()[place.numbers(ID)[0]]


def test_a_token_that_the_service_repeats_is_not_shown(place: Desk) -> None:
    login = next(iter(place.connected().desk.service.headers.items()))  # type: ignore[attr-defined]
    assert TOKEN not in repr(place.connected())
    place.served.fails(LISTED, Fault("status", 400, {}, f'{{"message": "bad {TOKEN} in {login[1]}"}}'.encode()))
    with pytest.raises(TrackerError, match="bad …") as told:
        brought(place, entry())
    assert TOKEN not in str(told.value)


@pytest.mark.parametrize("kind", ["github", "gitlab", "jira-cloud", "jira-server"])
@pytest.mark.parametrize("token", ["", "  ", "two words", "line\nline", "schlüssel", "tab\there"])
def test_what_is_no_token_is_not_sent_and_not_shown(kind: str, token: str, waited: list[float]) -> None:
    for place in served(kind):
        name = next(name for name in place.environ if "MAIL" not in name)
        with pytest.raises(UsageError) as told:
            replace_environ(place, {**place.environ, name: token}).connected()
        assert not token.strip() or token.split()[0] not in str(told.value)
        assert place.served.requests == []


def replace_environ(place: Desk, environ: dict[str, str]) -> Desk:
    return replace(place, environ=environ)


@pytest.mark.parametrize(
    "url",
    ["http://git.example.org/api", "ftp://127.0.0.1", "https://ada:pw@git.example.org", "https://git.example.org/?x=1",
     "https://", "nonsense", "https://git.example.org:99999", "https://git.example.org/a b", "http://127.0.0.1.evil.example",
     "http://localhost.evil.example", "https://git.example.org/#x"],
)  # fmt: skip
def test_a_token_is_sent_over_https_to_a_plain_address_only(place: Desk, url: str) -> None:
    with pytest.raises(UsageError) as told:
        place.connected(url=url)
    assert "pw" not in str(told.value)


@pytest.mark.parametrize(
    "where", ["", "x", "a/../b", "../../user", "a/b?x=1", "a/b#c", "a b/c", "OPS AND 1=1", 'O"PS', "a/b/c?d"]
)
def test_a_place_is_a_name_and_nothing_else(place: Desk, where: str) -> None:
    with pytest.raises(UsageError, match="--where"):
        place.connected(where=where)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
