"""Mail servers: AUTH PLAIN over TLS at the server beside it; nothing is sent."""

from base64 import b64encode

from secretsweep.verifiers import Answer, Asked, Line, NoAnswer, _target, dead, live, unknown
from secretsweep.verifiers._target import Target
from secretsweep.verifiers._wire import Wire, opened

NAME = "smtp-login"
PROVIDER = "smtp"
RULES = ("database-url-smtp", "generic-password")
BESIDE = _target.beside(PROVIDER)
HOSTS = ()
DOCS = ("https://www.rfc-editor.org/rfc/rfc4954", "https://www.rfc-editor.org/rfc/rfc3207")
NOTE = "over TLS only, with a certificate that is trusted; no IMAP, no POP"
_LINES = 64  # of one answer


def fits(asked: Asked) -> bool:
    return _target.is_of(asked, PROVIDER)


def where(asked: Asked) -> str:
    return _target.where(asked, PROVIDER)


def verify(asked: Asked, line: Line) -> Answer:
    """Log in, and leave at once."""
    target = _target.of(asked, PROVIDER)
    return line.net.logins.once(target.account, target.password, lambda: login(target, line))


def login(target: Target, line: Line) -> Answer:
    """One attempt."""
    with opened(line, target.host, target.port) as wire:
        if target.tls or target.port == 465:
            wire.secured(line.net.context)
            _wanted(wire, 220)
        else:
            _wanted(wire, 220)
            if b"STARTTLS" not in _asked(wire, b"EHLO localhost", 250).upper().split():
                raise NoAnswer("the server has no STARTTLS, and a password is not sent without", wire.who)
            _asked(wire, b"STARTTLS", 220)
            wire.secured(line.net.context)
        offers = _asked(wire, b"EHLO localhost", 250).upper()
        if b"AUTH" not in offers or b"PLAIN" not in offers:
            raise NoAnswer("the server wants a login of another kind", wire.who)
        user = target.user.encode("utf-8", "surrogateescape")
        wire.send(b"AUTH PLAIN " + b64encode(b"\0" + user + b"\0" + target.password.reveal()) + b"\r\n")
        code, _ = _said(wire)
        if code == 235:
            return live(wire.who, code)
        if code == 535:
            return dead(wire.who, code, "refused for this user; one that does not exist is refused alike")
        return unknown("the server refuses the login for another reason", wire.who, code)


def _asked(wire: Wire, words: bytes, code: int) -> bytes:
    wire.send(words + b"\r\n")
    return _wanted(wire, code)


def _wanted(wire: Wire, code: int) -> bytes:
    said, text = _said(wire)
    if said != code:
        raise NoAnswer(f"the server says {said} before a login", wire.who)
    return text


def _said(wire: Wire) -> tuple[int, bytes]:
    text = b""
    for _ in range(_LINES):
        said = wire.line(2048)
        if not said[:3].isdigit():
            break
        text += said[4:] + b"\n"
        if said[3:4] != b"-":
            return int(said[:3]), text
    raise NoAnswer("it does not speak SMTP", wire.who)
