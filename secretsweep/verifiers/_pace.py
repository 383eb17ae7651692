"""No vendor is asked faster than it bears, and not at all while it asked for patience."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from secretsweep.verifiers._troubles import NoAnswer

APART = 0.5  # seconds between two questions to one vendor


@dataclass(slots=True)
class Pace:
    """When each provider was asked last, and until when it is not to be asked."""

    apart: float = APART
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _next: dict[str, float] = field(default_factory=dict)
    _until: dict[str, float] = field(default_factory=dict)

    def turn(self, provider: str) -> None:
        """Wait for this provider's turn. NoAnswer while it does not want to be asked."""
        now = self.clock()
        if (left := self._until.get(provider, now) - now) > 0:
            raise NoAnswer(f"{provider} asked not to be asked again for {left:.0f} s more")
        wait = self._next.get(provider, now) - now
        if wait > 0:
            self.sleep(wait)
        self._next[provider] = self.clock() + self.apart

    def blocked(self, provider: str, seconds: float) -> None:
        """It asked for more patience than a run has."""
        self._until[provider] = self.clock() + seconds
