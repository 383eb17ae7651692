"""How deep and how much is unpacked: one place, so that no bomb exceeds it, and every hit is reported."""

from dataclasses import dataclass, field

DEPTH = 8  # encodings and archives inside one another
TOTAL = 256 << 20  # bytes unpacked from one object
MEMBER = 64 << 20  # bytes of one archive member or decoded text
MEMBERS = 10_000  # files in one object's archives


@dataclass
class Budget:
    """What may still be unpacked from one object; `spent` names the limits that were hit."""

    left: int = TOTAL
    members: int = MEMBERS
    depth: int = 0
    spent: set[str] = field(default_factory=set)

    def allows(self, size: int) -> bool:
        """Whether so many more bytes may be unpacked; they are taken off."""
        if size > self.left:
            self.spent.add(f"more than {TOTAL >> 20} MB unpacked")
            return False
        self.left -= size
        return True

    def member(self) -> bool:
        """Whether one more archive member may be opened."""
        if self.members <= 0:
            self.spent.add(f"more than {MEMBERS:,} archive members")
            return False
        self.members -= 1
        return True

    def deeper(self) -> bool:
        """Whether one more layer may be opened; pair it with `up`."""
        if self.depth >= DEPTH:
            self.spent.add(f"nested more than {DEPTH} deep")
            return False
        self.depth += 1
        return True

    def up(self) -> None:
        self.depth -= 1
