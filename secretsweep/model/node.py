"""A JSON object whose fields are asked for by type; what is wrong is named by its address."""

from typing import Any


class WrongShape(ValueError):
    """A field is missing or of another type: `credentials[3].severity: …`."""


class Node:
    """One object of a document, and where in the document it is. A field that is null counts as missing."""

    def __init__(self, where: str, value: Any) -> None:
        if not isinstance(value, dict):
            raise WrongShape(f"{where or 'the document'}: wants an object")
        self.where, self._value = where, value

    def missing(self, name: str) -> bool:
        return self._value.get(name) is None

    def text(self, name: str, default: str | None = None) -> str:
        value = self._value.get(name)
        value = default if value is None else value
        return value if isinstance(value, str) else self._wrong(name, "a text")

    def number(self, name: str, default: int | None = None) -> int:
        value = self._value.get(name)
        value = default if value is None else value
        return value if type(value) is int else self._wrong(name, "a whole number")

    def flag(self, name: str) -> bool:
        value = self._value.get(name)
        return value if isinstance(value, bool) else self._wrong(name, "true or false")

    def one_of(self, name: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name)
        return value if value in allowed else self._wrong(name, f"one of {', '.join(allowed)}")

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; nothing when it is missing."""
        value = self._list(name, required=False)
        fine = all(isinstance(item, str) for item in value)
        return tuple(value) if fine else self._wrong(name, "texts only")

    def node(self, name: str) -> "Node":
        return Node(self._address(name), self._value.get(name))

    def nodes(self, name: str, *, required: bool = True) -> list["Node"]:
        address = self._address(name)
        return [Node(f"{address}[{at}]", item) for at, item in enumerate(self._list(name, required=required))]

    def _list(self, name: str, *, required: bool) -> list[Any]:
        value = self._value.get(name)
        if value is None and not required:
            return []
        return value if isinstance(value, list) else self._wrong(name, "a list")

    def _address(self, name: str) -> str:
        return f"{self.where}.{name}" if self.where else name

    def _wrong(self, name: str, wants: str) -> Any:
        raise WrongShape(f"{self._address(name)}: wants {wants}")
