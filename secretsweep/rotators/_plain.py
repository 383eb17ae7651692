"""What most drivers have nothing to do for."""

from collections.abc import Mapping

from secretsweep.model import Secret
from secretsweep.rotators import State


class Plain:
    """A rotator that makes its value here, and whose service ends the old one when it takes the new one."""

    def misuse(self, since: str) -> str:
        return ""

    def prepare(self, state: State) -> None:
        """Nothing has to be told apart: what is made here exists nowhere else before it is stored."""

    def adopt(self, new: Mapping[str, Secret], state: State) -> None:
        """The stored value is all there is."""

    def disable(self, state: State) -> str:
        return ""

    def close(self) -> None:
        """Nothing is open."""
