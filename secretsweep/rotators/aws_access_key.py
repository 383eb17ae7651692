"""The access key of an IAM user: a second key, then the first one is deactivated, and deleted.

A user has at most two keys. The id of the key changes with the secret: where the store has the id too, it moves along;
where it stands in a file, the plan names the line. IAM is global, and hears of its own changes after seconds.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id-credentials-access-keys-update.html
"""

import logging
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from secretsweep.errors import RotateError
from secretsweep.model import Secret
from secretsweep.rotators import VALUE, Asked, Method, State, Told
from secretsweep.rotators import _aws as aws
from secretsweep.rotators._plain import Plain

NAME = "aws-access-key"
NEEDS = "aws"
GUIDES = ("aws-access-key",)
METHODS = {
    "second-key": Method(
        "the user gets a second key, and both work until the first one is deactivated",
        overlap=True,
        reversible=True,
        beside=("key-id",),
    )
}
ACCOUNT = ""
PATIENCE: tuple[float, ...] = (1, 2, 4, 8, 15, 30)  # IAM is eventually consistent
OPTIONS = {"key-id": "the id of the leaked key (AKIA…), when it does not stand beside the secret"}
_MOST = 2
_WINDOW = 120  # seconds after the note within which a key of a run that crashed was made
_PAGES = 4  # of 50 events


def told(asked: Asked) -> Told:
    sessions = "sessions that the old key opened live on: deny older ones by aws:TokenIssueTime if it was misused"
    if not asked.named("key-id"):
        return Told((sessions, "the id of the leaked key is not known yet: --set key-id=AKIA…"))
    return Told((sessions,))


def connected(asked: Asked, environ: Mapping[str, str]) -> "AccessKey":
    """As the administrator whom AWS's own variables and files name; never the leaked key itself."""
    name = asked.named("key-id")
    if not name:
        raise RotateError("aws-access-key: which key? No id stands beside the secret: --set key-id=AKIA…")
    if not name.startswith("AKIA"):
        raise RotateError(f"aws-access-key: {name} is no key of an IAM user: a temporary one ends by itself")
    logging.getLogger("botocore").setLevel(logging.INFO)  # its debug log holds answers with new keys
    session = aws.Session(NAME, NEEDS, asked.url, environ)
    if session.key == name:
        raise RotateError(f"aws-access-key: {name} is the key that you work with; be another administrator")
    return AccessKey(session, name, asked)


class AccessKey(Plain):
    """The administrator's session."""

    def __init__(self, session: aws.Session, name: str, asked: Asked) -> None:
        self._session = session
        self._iam = session.client("iam")
        self._old = name
        self._secret = asked.old

    def assess(self) -> str:
        answer = self._session.identity(self._old, self._secret)
        if answer.code:
            raise RotateError(
                f"aws-access-key: AWS refuses the leaked value with the id {self._old} ({answer.code}): another id, or "
                "dead already (`secretsweep verify`)"
            )
        arn, account = str(answer.fields["Arn"]), str(answer.fields["Account"])
        if arn.endswith(":root"):
            raise RotateError("aws-access-key: it is a key of the root user: only the root user can delete it, by hand")
        own = self._session.own()
        if own != account:
            raise RotateError(f"aws-access-key: the key is of account {account}, and you administer {own}")
        user = self._user()
        keys = self._keys(user)
        policies = self._iam.ask("list_attached_user_policies", f"user {user}", ("AccessDenied",), UserName=user)
        rights = ", ".join(p["PolicyName"] for p in policies.fields.get("AttachedPolicies", ())) or "none attached"
        return f"user {user} of account {account}, {len(keys)} of {_MOST} keys, policies: {rights}"

    def misuse(self, since: str) -> str:
        """CloudTrail's events of one region, where they may be read, and when the key was used last."""
        said = [f"last used: {self._last(self._old)}"]
        found = self._events(since)
        if isinstance(found, str):
            said.append(found)
        else:
            calls = Counter(str(event.get("EventName")) for event in found)
            places = Counter(aws.source(event) for event in found)
            more = " or more" if len(found) == _PAGES * 50 else ""
            said.append(f"CloudTrail of {self._session.region}: {len(found)}{more} calls since {since[:10]}")
            said += (f"{name}: {', '.join(f'{what} {n}' for what, n in counted.most_common(5))}"
                     for name, counted in (("calls", calls), ("from", places)) if counted)  # fmt: skip
        return "; ".join(said)

    def prepare(self, state: State) -> None:
        """Which keys there are, and when. What a run of ours left that crashed before it could store it goes."""
        user = state.setdefault("user", self._user())
        made = state.pop("new", {}).get("key-id")
        keys = self._keys(user)
        for key in keys:
            if key["AccessKeyId"] == made or self._orphan(key, state):
                self._delete(user, key["AccessKeyId"])
        left = [key for key in self._keys(user) if key["AccessKeyId"] != made]
        if len(left) >= _MOST:
            used = "; ".join(
                f"{k['AccessKeyId']} ({k['Status']}) last used {self._last(k['AccessKeyId'])}" for k in left
            )
            raise RotateError(
                f"aws-access-key: user {user} has {len(left)} keys, and may have no third one: {used}. Delete the one "
                "that nobody needs, and run it again"
            )
        state["before"] = sorted(key["AccessKeyId"] for key in left)
        state["noted"] = self._iam.time.isoformat()

    def create(self, state: State) -> Mapping[str, Secret]:
        answer = self._iam.ask("create_access_key", f"user {state['user']}", UserName=state["user"])
        key = answer.fields["AccessKey"]
        state["new"] = {"key-id": key["AccessKeyId"]}
        return {VALUE: Secret(key["SecretAccessKey"].encode()), "key-id": Secret(key["AccessKeyId"].encode())}

    def adopt(self, new: Mapping[str, Secret], state: State) -> None:
        """The id is in the state since before the secret was stored; else the store must have it."""
        if "key-id" in new and "new" not in state:
            state["new"] = {"key-id": new["key-id"].reveal().decode()}
        if "new" not in state:
            raise RotateError("aws-access-key: the store has another secret, which this rotation did not make")

    def activate(self, new: Mapping[str, Secret], state: State) -> str:
        return f"key {state['new']['key-id']} of user {state['user']} made beside {self._old}"

    def works(self, value: Mapping[str, Secret]) -> bool:
        """What STS says to it: it answers everybody who is known, whatever the rights are."""
        name = value["key-id"].reveal().decode() if "key-id" in value else self._old
        return not self._session.identity(name, value[VALUE]).code

    def disable(self, state: State) -> str:
        self._iam.ask(
            "update_access_key", self._old, ("NoSuchEntity",),
            UserName=state["user"], AccessKeyId=self._old, Status="Inactive",
        )  # fmt: skip
        return f"{self._old} is inactive (aws iam update-access-key --status Active undoes it)"

    def delete(self, state: State) -> str:
        self._delete(state["user"], self._old)
        return f"{self._old} is deleted"

    def close(self) -> None:
        self._session.close()

    def _user(self) -> str:
        """Of the key's name, by the administrator's rights."""
        answer = self._iam.ask("get_access_key_last_used", self._old, AccessKeyId=self._old)
        return str(answer.fields["UserName"])

    def _keys(self, user: str) -> list[Mapping[str, Any]]:
        return list(self._iam.ask("list_access_keys", f"user {user}", UserName=user).fields["AccessKeyMetadata"])

    def _delete(self, user: str, name: str) -> None:
        self._iam.ask("delete_access_key", name, ("NoSuchEntity",), UserName=user, AccessKeyId=name)

    def _orphan(self, key: Mapping[str, Any], state: State) -> bool:
        """A key that came right after the note of a run that crashed, and that nobody ever used: its secret is lost."""
        if "before" not in state or key["AccessKeyId"] in state["before"]:
            return False
        age = (key["CreateDate"] - datetime.fromisoformat(state["noted"])).total_seconds()
        return -2 <= age <= _WINDOW and self._last(key["AccessKeyId"]) == aws.NEVER

    def _last(self, name: str) -> str:
        return aws.last_used(self._iam.ask("get_access_key_last_used", name, ("AccessDenied",), AccessKeyId=name))

    def _events(self, since: str) -> list[Mapping[str, Any]] | str:
        """At most some pages; in words why there are none."""
        trail = self._session.client("cloudtrail")
        given: dict[str, Any] = {"LookupAttributes": [{"AttributeKey": "AccessKeyId", "AttributeValue": self._old}]}
        if since:
            given["StartTime"] = datetime.fromisoformat(since)
        found: list[Mapping[str, Any]] = []
        try:
            for _ in range(_PAGES):
                answer = trail.ask("lookup_events", "CloudTrail", **given, MaxResults=50)
                found += answer.fields.get("Events", ())
                if not answer.fields.get("NextToken"):
                    break
                given["NextToken"] = answer.fields["NextToken"]
        except RotateError as error:
            return f"CloudTrail was not read: {error}"
        finally:
            trail.close()
        return found
