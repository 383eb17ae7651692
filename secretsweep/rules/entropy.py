"""How random a value looks."""

import math
from collections import Counter


def entropy(value: bytes | str) -> float:
    """Shannon entropy in bits a character."""
    total = len(value)
    return -sum(n / total * math.log2(n / total) for n in Counter(value).values()) if total else 0.0
