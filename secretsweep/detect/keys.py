"""What the name of a literal says: holds a secret, or names, describes or locates one."""

import re
from functools import lru_cache

from secretsweep import lazyre

_SEPARATORS = lazyre.compile(r"[^A-Za-z0-9]+")
_HUMPS = lazyre.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
# segments that stand for the one before them: `variable.db_password.default`
_GENERIC = frozenset(
    "default value values defaultvalue result content contents plaintext stringvalue plain text data string "
    "prod production dev staging stage".split()  # `db_password.prod`
)
PASSWORD = frozenset(
    "password passwd passwort pwd pass passphrase passcode pw userpassword dbpassword rootpassword adminpassword "
    "passwords mypwd userpass dbpass rootpass adminpass requirepass masterauth bindpw rootpw bindpassword chpasswd "
    "kennwort contrasena psk rocommunity rwcommunity smtppass".split()
)
SECRET = frozenset(
    "secret secrets token tokens apikey apitoken authtoken accesstoken secretkey accesskey privatekey clientsecret "
    "credential credentials creds authkey apisecret appsecret cookiesecret webhooksecret sharedkey sharedsecret "
    "signingkey signingsecret encryptionkey masterkey secretaccesskey bearertoken refreshtoken bearer hmac jwtsecret "
    "licensekey sessionsecret".split()
)
_KEY_OF = frozenset(
    "api access secret private encryption encrypt signing sign auth account master shared storage app license session "
    "client hmac aes crypto cipher gossip join admin service subscription primary secondary cookie security jwt".split()
)
# what a name with dots says in two segments: `api.key`; not `secret.key`, which names an entry
_KEY_BELOW = frozenset("api encryption encrypt signing license hmac aes".split())
_KEYS = frozenset(("key", "keys"))
_ABOVE = lazyre.compile(
    r"(?i)(?:^|[^a-z])(api|access|secret|private|encryption|signing|master|shared|hmac)\.key(?:\"?\.(?:value|default))?\"?$"
)
_PASSWORD_ENDS = ("password", "passwd", "passphrase", "passcode")
_SECRET_ENDS = ("secret", "token", "apikey", "accesskey", "secretkey", "privatekey", "signingkey", "authkey", "masterkey")
_PREPOSITIONS = frozenset(("of", "for"))  # what follows says whose it is: `PASSWORD_OF_DB`
# after the noun, these still mean the value itself
_SAME = frozenset(
    "b64 base64 encoded plain plaintext value values text string old new current previous prod production dev "
    "staging test live default override wo raw data unencrypted decrypted".split()
)
# a first word that makes the whole name a rule about secrets, a place of them, or a flag
_ABOUT = frozenset(
    "existing use enable enabled disable disabled has is allow require required no skip create generate rotate show "
    "get set update reset forgot change with without validate check verify max min minimum maximum num".split()
)
# names of Secrets, tokens that no one has to keep, and where a web server passes requests on to
_NAMES = frozenset(
    "pullsecret pullsecrets tlssecret tlssecrets certsecret certificatesecret requesttoken idempotencytoken nexttoken "
    "pagetoken continuationtoken synctoken cancellationtoken pagingtoken postmantoken "
    "fastcgipass uwsgipass scgipass grpcpass memcachedpass".split()
)
# `checksum/secret`; what identifies a .NET assembly
_DERIVED = lazyre.compile(r"(?i)(?:checksum|hash|digest|sha\d+(?:sum)?)[^/.]*/[^/.]+\Z|\bpublickeytoken\Z")
# the argument `secret` of Google's resources is a Secret's name; `secret_data` is the value
_NAMED_SECRET = lazyre.compile(r"google_secret_manager_\w+\.[^.]+\.secret\Z")
# what is marked as sensitive beside passwords, because it came from the same place
_PUBLIC = frozenset(
    "user users username login account host hosts hostname endpoint address addr port ports dbname "
    "engine name names id ids arn region zone email mail url uri urls uris domain fqdn server servers "
    "bucket path file dir directory type kind mode version length size count date time timestamp expiry expiration "
    "ca crt cert certificate certificates chain public pub fingerprint thumbprint hash sha sha1 sha256 sha512 md5 checksum "
    "etag digest salt level enabled env environment stage tenant scope scopes audience issuer algorithm role roles group "
    "groups description title label labels tag tags schema protocol namespace ssl sslmode tls "
    "created updated modified".split()
)


@lru_cache(maxsize=65536)
def words(name: str) -> tuple[str, ...]:
    """`existingSecretPasswordKey` -> existing, secret, password, key; all lower case."""
    return tuple(w.lower() for part in _SEPARATORS.split(name) for w in _HUMPS.findall(part))


@lru_cache(maxsize=65536)
def name(key: str) -> str:
    """The part of an address that names the value: `db_password` of `variable.db_password.default`."""
    parts = [p for p in re.split(r"\.|›|/|\[\d*\]|[\s\"']", key) if p.strip()]
    if len(parts) == 3 and (parts[0], parts[-1]) == ("local", "expression"):  # of Packer's `local "db_password" {`
        parts.pop()
    while len(parts) > 1 and parts[-1].lower() in _GENERIC:
        parts.pop()
    if len(parts) > 1 and parts[-1].lower() == "key" and parts[-2].lower() in _KEY_BELOW:
        return f"{parts[-2]}_{parts[-1]}"
    return parts[-1] if parts else ""


@lru_cache(maxsize=65536)
def noun(key: str) -> str:
    """`password`, `secret`, or "" for a name that holds no secret; judged by the last words, as English does."""
    parts = list(words(name(key)))
    if parts == ["key"] and (above := _ABOVE.search(key)):  # `jwt.secret.key`
        parts = [above[1].lower(), "key"]
    while len(parts) > 1 and (parts[-1].isdigit() or parts[-1] in _SAME):
        parts.pop()
        if parts[-1] in ("b", "base") and len(parts) > 1:  # of `b64`, `base64`
            parts.pop()
    at = next((at for at, word in enumerate(parts) if word in _PREPOSITIONS), 0)
    if at and (parts[at - 1] in PASSWORD or parts[at - 1] in SECRET):
        del parts[at:]
    if not parts or parts[0] in _ABOUT or "existing" in parts or _DERIVED.search(key) or _NAMED_SECRET.search(key):
        return ""
    last = parts[-1]
    joined = "".join(parts[-2:])
    if joined in _NAMES:
        return ""
    if last in PASSWORD or joined in PASSWORD:
        return "password"
    if last in SECRET or joined in SECRET:
        return "secret"
    if last in _KEYS and len(parts) > 1 and parts[-2] in _KEY_OF:
        return "secret"
    if joined.endswith(_PASSWORD_ENDS):  # words that were written together: `rootdbpassword`
        return "password"
    if joined.endswith(_SECRET_ENDS):
        return "secret"
    return noun(key[: key.rindex("[")]) if key.endswith("]") and "[" in key else ""  # `TOKENS[db]`


def identifies(key: str) -> bool:
    """Whether the name says that its value is known to everybody who may connect: a user, a host, a digest …"""
    last = words(name(key))[-1:]
    return bool(last) and last[0] in _PUBLIC


def encoded(key: str) -> bool:
    """Whether the name says that its value is in base64."""
    return "b64" in (said := "".join(words(name(key)))) or "base64" in said
