"""What to do next with a leaked credential, when its rule does not say it better."""

from secretsweep.model import Credential

_ROTATE = {
    "access-key": "Create a second key {at}, move every consumer to it, disable the old one, then delete it.",
    "api-token": "Issue a new token {at}, move every consumer to it, then revoke this one.",
    "oauth-secret": "Add a second client secret {at}, move every consumer to it, then remove this one.",
    "password": "Change the password {at}; where two users or two passwords can overlap, nothing goes down.",
    "private-key": "Make a new key pair, replace the public key wherever it is trusted, revoke certificates.",
    "connection-url": "Change the password that the URL carries, or move its consumers to a second user.",
    "basic-auth": "Change the password {at}; the user name is known now, too.",
    "webhook-url": "Regenerate the webhook {at}: whoever knows the URL can post to it.",
    "signing-key": "Sign with a new key, accept the old one until what it signed has expired, then drop it.",
    "session-token": "End the session {at}, and look at how the token came into a file.",
    "encryption-key": "Make a new key and encrypt again; what the old key encrypted counts as read.",
    "password-hash": "Change the password behind the hash: a hash can be guessed at leisure, offline.",
    "keystore": "Make new key pairs and a new keystore, revoke the certificates in it; its password protects no copy.",
    "license-key": "Ask for a new key {at} and move its users to it.",
}
_REFERENCE = {
    "dangling-reference": (
        "Correct the name, or add what defines it: without it the pod does not start, or the object stays unused.",
        "If something else creates it (a script, an operator), say so at the place: secretsweep:allow and the reason.",
    ),
    "broken-reference": (
        "Protect it again and remove the clear text: encrypt the file with sops, or keep the SealedSecret alone.",
        "If it holds a credential, treat it as leaked: rotate it first.",
    ),
}
# what rules are sorted under that is no service where one could change something
_NOBODY = frozenset(
    ("Generic", "Command line", "SQL", "HTTP", "Database URL", "Private key", "Password hash", "Keystore")
)
_ANY = "Replace it {at}, move every consumer to the new one, then disable this one."
_STAGED = (
    "It is not committed yet: take it out of the file, stage the file again, and nothing has leaked.",
    "Put the value into a secret store, and let the file refer to it.",
    "If it was pushed or shared anywhere else, rotate it as well.",
)
_REFER = "Then put the new value into a secret store, and let the file refer to it."
_GONE = "It is gone from HEAD, but every clone keeps the history: only rotating helps."
_TRACK = "Keep it on your list until the old value is refused."


def steps(credential: Credential, target: str) -> tuple[str, ...]:
    """The advice of the rule, else that for its kind; `target` is the kind of what was scanned."""
    if credential.advice:
        return credential.advice
    if credential.kind == "reference":
        return _REFERENCE.get(credential.rule, ())
    if target == "staged":
        return _STAGED
    gone = target == "history" and not credential.in_head
    return (rotate(credential.kind, credential.provider), _GONE if gone else _REFER, _TRACK)


def general(rule: str, kind: str, provider: str) -> tuple[str, ...]:
    """The advice for a rule and its kind, wherever its credentials are."""
    if kind == "reference":
        return _REFERENCE.get(rule, ())
    return (rotate(kind, provider), _REFER, _TRACK)


def rotate(kind: str, provider: str) -> str:
    """The first step, which is the same wherever it leaked."""
    elsewhere = "where it is accepted" if kind in ("password", "basic-auth") else "where it was issued"
    at = f"at {provider}" if provider and provider not in _NOBODY else elsewhere
    return f"Treat it as leaked: rotate it first. {_ROTATE.get(kind, _ANY).format(at=at)}"
