"""Accounts lock after a few wrong passwords: each password is tried once at an account, few wrong ones in a run."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from secretsweep.model import Secret
from secretsweep.verifiers._troubles import NoAnswer

if TYPE_CHECKING:
    from secretsweep.verifiers import Answer

WRONG = 3  # refused passwords after which an account is left alone: many directories lock at five


@dataclass(slots=True, repr=False)
class Logins:
    """What was tried in this run, by account: `postgresql app@db.acme.io:5432`."""

    _said: "dict[tuple[str, Secret], Answer]" = field(default_factory=dict)
    _wrong: dict[str, int] = field(default_factory=dict)

    def once(self, account: str, password: Secret, attempt: "Callable[[], Answer]") -> "Answer":
        """The answer of the attempt, or of the same one before. What had no answer is not tried again either: the
        other end may have counted it."""
        key = (account, password)
        if key in self._said:
            return self._said[key]
        if self._wrong.get(account, 0) >= WRONG:
            raise NoAnswer(f"not tried: {WRONG} other passwords were refused for this account, and more could lock it")
        try:
            said = attempt()
        except NoAnswer as trouble:
            said = _unknown(trouble)
        self._said[key] = said
        self._wrong[account] = self._wrong.get(account, 0) + (said.state == "dead")
        return said


def _unknown(trouble: NoAnswer) -> "Answer":
    from secretsweep.verifiers import unknown

    return unknown(trouble.why, trouble.who)
