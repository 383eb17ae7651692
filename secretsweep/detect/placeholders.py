"""What nobody needs to rotate: words that stand where a value will be, and defaults that everybody knows."""

import re
from functools import lru_cache

from secretsweep import lazyre
from secretsweep.rules.entropy import entropy

_SAID = lazyre.compile(
    r"(?i)change[\s_.-]?(?:me|it|this|in|before|on)|replace[\s_-]?(?:me|this|with)|place[\s_-]?holder|"
    r"fix[\s_-]?me|to[\s_-]?do\b|"
    r"\byour[\s_-]|this[\s_-]?is[\s_-]?your|\bmy[_-](?:secret|password|token|api|access|key)|<[^<>]*>|x{5,}|\*{3,}|\.{3,}|_{5,}|-{5,}(?!BEGIN)|"
    r"redacted|dummy|example|sample|foo-?bar|insert[\s_-]|enter[\s_-]|put[\s_-](?:your|the)|"
    r"not[\s_-]?(?:a[\s_-]?)?(?:real|secret|set|needed|used)|"
    r"\bfake\b|\bmock|lorem|deadbeef|0123456789|1234567890|abcdefghij|\bunset\b|\bomitted\b|tbd\b|n/a\b|"
    r"generated?[\s_-]?(?:by|at|on)|"
    r"super[\s_-]?secret$|(?:very[\s_-]?)+secret$|^secret[\s_-]?(?:value|string)|^(?:some|any|the|a|an|random|strong|valid|new|"
    r"old)[\s_-](?:secret|password|token|key|value|string)"
)
_KNOWN = frozenset(
    "password passwd pass passw0rd p@ssw0rd p@ssword secret secrets token tokens key admin administrator root "
    "toor guest user username "
    "postgres postgresql mysql mariadb mongo mongodb redis rabbitmq rabbit elastic elasticsearch kibana grafana test "
    "tests testing tester default public private foo bar baz foobar qux qwerty abc abcd abc123 letmein welcome "
    "hello world secretkey apikey api_key mypassword mypass mysecret mytoken mykey changeit value string data "
    "blank empty name "
    "minio minioadmin vagrant packer ubuntu centos docker kubernetes development production staging local localhost "
    "basic bearer digest plain plaintext opaque kerberos ldap oauth oauth2 oidc saml jwt static dynamic random auto "
    "passwort kennwort contraseña contrasena wachtwoord senha lösenord hasło parola salasana passord пароль "
    "automatic file env vault aws azure gcp google github gitlab kubernetes.io s3cr3t".split()
)
_RUNS = lazyre.compile(r"^(.)\1*$|^(..?.?)\2+$|^(?:0?1?23456789?0?|12345?6?7?8?9?0?|987654321|abcdef|abc)$", re.DOTALL)
_PROVIDERS = lazyre.compile(r"(?i)example|^AKIA[A-Z]*EXAMPLE|x{6,}|0{10,}|1{10,}|\*{4,}|(.)\1{11,}|abcdef0123456789|0123456789abcdef|1234567890abcdef")


@lru_cache(maxsize=65536)
def placeholder(value: str) -> str:
    """Why a value that only its key makes a credential is none, or ""."""
    plain = value.strip().strip("\"'").lower()
    if not plain:
        return "empty"
    if plain in _KNOWN:
        return "a default that everybody knows"
    if _RUNS.match(plain):
        return "a run of characters"
    return "placeholder" if _SAID.search(value) else ""


@lru_cache(maxsize=65536)
def token_placeholder(token: str) -> str:
    """Why a token of the right shape is none: documentation writes them with EXAMPLE, xxxx or 0000."""
    if _PROVIDERS.search(token):
        return "placeholder"
    return "a run of characters" if len(token) >= 16 and entropy(token) < 2.0 else ""
