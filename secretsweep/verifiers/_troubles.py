"""Why a question has no answer. These messages are shown, and hold nothing that was sent."""


class NoAnswer(Exception):
    """Nobody answered, or nothing that can be understood. `who` is the address that was tried, if any."""

    def __init__(self, why: str, who: str = "") -> None:
        super().__init__(why)
        self.why, self.who = why, who


class Refused(NoAnswer):
    """It was not asked: the address is not one that may be asked."""
