"""What may be a credential though nothing found it to be one: not shown where it only stands beside what is."""

from secretsweep.detect import keys
from secretsweep.detect.references import default, is_name, reference
from secretsweep.detect.verdict import declared, looks_random, passwordlike

_SWITCHES = frozenset(("true", "false", "yes", "no", "null", "none", "~"))


def doubtful(key: str, text: str, form: str = "plain") -> bool:
    """Whether a literal may be one by its name, whatever it looks like."""
    plain = text.strip()
    if not plain or plain.lower() in _SWITCHES or not (keys.noun(key) or declared(key, form)):
        return False
    return not reference(plain) or default(plain) != ""


def looks_doubtful(text: str, key: str = "", names: bool = True) -> bool:
    """Whether a literal or a word may be one by its looks. `names`: what something could be called is none."""
    if reference(text) or (keys.identifies(key) and not looks_random(text)) or not passwordlike(text):
        return False
    mixed = all(any(map(f, text)) for f in (str.islower, str.isupper, str.isdigit))
    return not names or mixed or not is_name(text)
