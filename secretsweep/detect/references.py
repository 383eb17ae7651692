"""What is a reference to a secret, or the name of one, rather than a value. One list, tested by itself.

Each sort is told by what only a resolver understands: a scheme, a bracket pair, a header. What looks like it and is a
password stays one, so names inside brackets must be names (`@DB_PASSWORD@`, not `@Passw0rd@`), schemes need what
follows them (`vault:path#key`, not `vault:Tr0ub4dor`), and paths must not be random.
"""

import re
from functools import lru_cache

from secretsweep import lazyre

_LONGEST = 4096
_HOST = r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?"
_WHOLE = (
    ("template", r"\{\{.*\}\}|\{%.*%\}|<%.*%>|\[\[.*\]\]|%\{.*\}|<\+.*>"),
    ("variable", r"\$\{\{.*\}\}|\$\{[^{}]*\}|\$\(\s*[A-Za-z_./<\"'][\w./-]*(?:[\s)<].*)?|\$\[\s*[\w.(].*\]|\$__\w+\{[^{}]*\}|[#@]\{[^{}]*\}#?|@@[A-Z_]+(?:@@)?|"
                 r"@[A-Z_]+|![A-Z]+(?:_[A-Z0-9]+)+!|%\(\w+\)s|\(\([\w./:\"-]+\)\)|\[[A-Za-z.]+\]::.*|\$env:\w+|\$[\w:]*->.*|"
                 r"[^{]*\s\}\}?|[A-Za-z_][\w.\[\]\"'-]*(?:\s*\|.*)?\}\}"),
    ("terraform reference", r"\(?!?(?:var|local|data|module|each|self|path|count|terraform|ephemeral)\.[\w.\[\]\"'*-]+\)?"),
    ("terraform reference", r"(?:random|aws|azurerm|azuread|google|kubernetes|vault|tls|helm|digitalocean|oci|alicloud|"
                            r"github|gitlab|doppler|onepassword|infisical|bitwarden|sops|external|time|local|null)_\w+"
                            r"\.[\w.\[\]\"'*-]+"),
    ("function call", r"(?:sensitive|nonsensitive|file|filebase64|templatefile|lookup|get_env|env|getenv|base64decode|"
                      r"try|coalesce|join|format|jsonencode|jsondecode|data|os\.environ(?:\.get)?|os\.getenv|"
                      r"process\.env|System\.getenv|ENV|ENV\.fetch|std\.extVar|include|read_file|yamldecode|"
                      r"sops_decrypt_file|run_cmd|hiera|getsecret|keyVault\.getSecret|listKeys|reference|parameters|"
                      r"resourceId|concat|trimspace|var)"
                      r"\s?[\[(].*"),
    ("secret manager", r"\{\{resolve:.*|arn:aws[\w-]*:.*|acs:\w+:.*|crn:v\d:.*|ocid1\.[a-z0-9]+\..*|"
                       r"(?:>>)?vault:[\w./-]*[/#]\S*|ssm:/?[\w./-]+|secretsmanager:[\w./-]+(?:[:#~]\S*)?|aws:[A-Za-z]+|"
                       r"aws-?(?:sm|ssm|secretsmanager)[:/].*|gcp-?sm[:/].*|akv[:+/].*|<path:.*>|"
                       r"(?:ref\+\w+|secrets?|op|ssm|sm|gsm|azurekeyvault|doppler|bws?|infisical|keeper|berglas|chamber|"
                       r"vault(?:\+\w+)?|akeyless|conjur|lastpass)://.*|"
                       r"@Microsoft\.(?:KeyVault|AppConfiguration)\(.*\)|"
                       r"(?://secretmanager\.googleapis\.com/)?projects/[^/\s]+/(?:locations/[^/\s]+/)?"
                       r"(?:secrets|keyRings|serviceAccounts|topics|subscriptions|instances)/\S+|"
                       r"exec:/.*|(?:hash:)?ext:\w+|encrypted:[A-Za-z0-9+/=]{16,}|registry:HK\w+\\.*|"
                       r"/subscriptions/[^/\s]+(?:/\S*)?|keyring:[\w./-]+|env:[A-Z_][A-Z0-9_]*|alias/[\w/-]+"),
    ("encrypted", r"ENC\[.*\]|ENC\(.*\)|\{cipher\}.*|\$ANSIBLE_VAULT;.*|-----BEGIN (?:AGE ENCRYPTED FILE|PGP MESSAGE).*|"
                  r"AgB[A-Za-z0-9+/=]{100,}|vault:v\d+:.*|AQICA[HG][A-Za-z0-9+/=]{40,}|gAAAAA[\w-]{60,}=*|"
                  r"\{[A-Za-z0-9+/]{8,}={1,2}\}|CiQA[A-Za-z0-9+/=]{40,}|YWdlLWVuY3J5cHRpb24ub3JnL3Yx[A-Za-z0-9+/=]*|age-encryption\.org/v1.*|"
                  r"LS0tLS1CRUdJTiBBR0UgRU5DUllQVEVE[A-Za-z0-9+/=]*"),
    ("public", r"(?:sk-)?ssh-(?:rsa|ed25519|dss)(?:@openssh\.com)? .*|(?:sk-)?ecdsa-sha2-.*|age1[a-z0-9]{50,}|"
               r"-----BEGIN (?:TRUSTED |X509 |NEW )?(?:CERTIFICATE|PUBLIC|RSA PUBLIC|PGP PUBLIC|SSH2 PUBLIC|X509 CRL).*|"
               r"LS0tLS1CRUdJTiBD(?:RVJU|RVJUSUZJQ0FURS)[A-Za-z0-9+/=\s]*|LS0tLS1CRUdJTiBQVUJMSUMg[A-Za-z0-9+/=\s]*|"
               r"\S{1,128}/\d{8}/[a-z0-9-]{2,32}/[\w-]{2,32}/aws4_request,?|"  # whose key signed, not the key
               r"SHA256:[A-Za-z0-9+/]{43}=?|MD5:(?:[0-9a-f]{2}:){15}[0-9a-f]{2}|"
               r"(?:[0-9A-Fa-f]{2}:){15,31}[0-9A-Fa-f]{2}"),
    ("digest", r"(?:sha(?:1|224|256|384|512)|md5)[:=-][A-Za-z0-9+/=]+|h1:[A-Za-z0-9+/=]{44}|zh:[0-9a-f]{64}|"
               r"(?:\S+@)?sha256:[0-9a-f]{64}"),
    ("address", r"(?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2})?(?::\d{1,5})?|(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}|"
                r"(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|(?:[0-9a-f]{0,4}:){2,7}:?[0-9a-f]{0,4}/\d{1,3}|"
                r"(?:i|ami|sg|sgr|vpc|subnet|vol|snap|eni|rtb|igw|nat|acl|lt|key|fs|eipalloc|tgw|vpce)-"
                r"(?:[0-9a-f]{17}|[0-9a-f]{8})|mrk-[0-9a-f]{32}"),
    ("path or URL", r"unix:/[\w./-]+;?|(?:[a-z0-9_.\-]+/)+[a-z0-9_.\-]*|[A-Za-z]:\\[\w .$%{}()\\-]*|"
                    r"[\w./-]+\.(?:pem|key|crt|cer|p12|pfx|jks|json|ya?ml|txt|conf|cfg|env|ini|properties|sh|py|tf|"
                    r"tpl|md|html?)|"
                    rf"{_HOST}(?::\d+)?(?:/[a-z0-9._-]+)+:(?:v?\d[\w.-]*|latest|stable|main|master|edge)"),
    ("type or flag", r"(?i:true|false|null|nil|none|undefined|yes|no|on|off|string|str|text|int|integer|bool|boolean|"
                     r"number|object|array|any|map|list|bytes|optional|required|required!?|enabled|disabled|sensitive|"
                     r"void|securestring)"),
    ("version", r"(?:\^|[<>=!~]{1,2}\s*)?v?\d+\.\d+(?:\.(?:\d+|[x*])){0,2}"
                r"(?:[-+.]?(?:alpha|beta|rc|dev|pre|preview|snapshot|final|release|ga|post|SNAPSHOT|RELEASE|Final|M)"
                r"[-.]?\d*){0,2}(?:\s*(?:\|\||,)\s*[<>=!~^]*\s*v?\d+(?:\.[\dx*]+)*)*"),
    ("time", r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|\s?[+-]\d\d:?\d\d)?|P(?:\d+[YMWD])*T?(?:\d+[HMS])+|"
             r"P\d+[YMWD]|(?:\d{1,5}(?:\.\d{1,3})?(?:ns|us|ms|s|m|h|d|w|y)){1,4}|\d+ ?(?:seconds?|minutes?|hours?|days?|weeks?|"
             r"months?|years?)|@(?:yearly|annually|monthly|weekly|daily|midnight|hourly|reboot|every .*)"),
    ("pattern", r"\^?\(?\[\^?(?:\w-\w|\\[wdsWDS])\S*\](?:[*+?]|\{\d+(?:,\d*)?\})\S*|\^\(\?[=!:]\S*|"
                r"\[:(?:alnum|alpha|digit|xdigit|print|graph):\]\S*"),
    ("format string", r"[A-Za-z _:=-]*%[-+0-9.]{0,4}[sdvqx](?:[ :/@._-]?%[-+0-9.]{0,4}[sdvqx])*|"
                      r"[A-Za-z _:=-]*\{\d?\}(?:[ :/@._-]?\{\d?\})*"),
    # the last of a list (JMESPath), and what a compiler calls an import (`i0.ElementRef`)
    ("expression", r"[A-Za-z_]+(?:\.[A-Za-z_]+)*\[-1\](?:\.[A-Za-z_]+)*|[a-z]\d\.\u0275{0,2}(?:[A-Z][a-z]+)+|"
                   r"&[A-Za-z_]\w*(?:\.\w+)+\{.*|&[A-Z]\w*\{|new [A-Z]\w*(?:[.<(].*)?|function\s?\(.*|\(\)\s?=>.*|await \w.*"),
)  # fmt: skip
_COMPILED = tuple((name, lazyre.compile(pattern, re.DOTALL)) for name, pattern in _WHOLE)
_NAMED = lazyre.compile(  # brackets that hold the name of a variable
    r"\$(?P<dollar>[A-Za-z_][\w.:]*);?|%(?P<percent>[A-Za-z_][\w.:-]+)%|@(?P<at>[A-Za-z_][\w.-]+)@|"
    r"__(?P<under>[A-Za-z]\w+?)__|\{(?P<brace>[A-Za-z_][\w.\-]*)\}"
)
_URL = lazyre.compile(r"(?!otpauth:|data:)[a-z][a-z0-9+.\-]{1,20}://[^:@\s]*(?::\d+[^@\s]*)?(?:[#?/]\S*)?|file:[/.]\S*", re.I)
_USER = lazyre.compile(r"://[^/\s@]*:[^/\s@]+@")
_PATH = lazyre.compile(r"(?:\.{0,2}|~|\$\{?\w+\}?)/[\w.@{}$/ *+=-]*")
_RANDOM = lazyre.compile(r"[A-Za-z0-9+/=]{10,}")
_HUMPS = lazyre.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
_WORD = lazyre.compile(r"[A-Za-z]+[0-9]{0,4}|[0-9]{1,4}")
_TERMS = lazyre.compile(r"(?i)k8s|s3|ec2|oauth2|auth0|x509|base64|b64|sha(?:1|256|512)|md5|p12|ipv[46]|i18n|ed25519|http2|log4j|"
                    r"v\d(?:alpha|beta)?\d?|db\d")  # fmt: skip
_INSIDE = lazyre.compile(r"\{\{.*?\}\}|\$\{[^}]*\}|\$\([^)]*\)|<%.*?%>|#\{[^}]*\}|%\{[^}]*\}", re.DOTALL)
_DEFAULT = lazyre.compile(
    r"\$\{[\w.\-]+:-([^{}$]*)\}|\$\{[\w.]+:?[-=]([^{}$]*)\}|"
    # Spring's `${db.password:hunter2}`; a lower-case word before the colon is a resolver (`${ssm:/path}`)
    r"\$\{(?!oc\.)(?:[A-Z][A-Z0-9_]*|[a-zA-Z][\w\-]*\.[\w.\-]+):(?!\s*-?\d{1,3}[:}])([^{}$:?+@!/][^{}$]*)\}|"
    r"\bdefault\s+[\"']([^\"']+)[\"']|"
    r"(?:\bdefault|\|\s*d)\s?[(=]\s?\\?[\"']([^\"'\\]+)\\?[\"']|"  # Jinja
    r"\bpillar(?:\.get|\.get'\])\(\s?[\"'][^\"']+[\"']\s?,\s?[\"']([^\"']+)[\"']|"  # Salt
    r"\{\{-?\s*\\?[\"']([^\"'\\{}]+)\\?[\"']\s*\||"  # {{ 'hunter2' | password_hash }}
    r"\$\{\{[^{}]*\|\|\s*'([^'{}]+)'|"  # GitHub: ${{ secrets.X || 'hunter2' }}
    r"^\$\{[a-z]\w*:.*,\s*[\"']([^\"'${}]+)[\"']\s*\}$|"  # of the Serverless Framework: ${env:DB_PASSWORD, 'hunter2'}
    r"\b(?:getenv|environ\.get|get_env|env|ENV\.fetch|coalesce|try)\([^()]*,\s*[\"']([^\"']+)[\"']\s*\)"
)
_IDENTIFIER = lazyre.compile(r"[A-Za-z_$][\w$]*(?:(?:\.|->|::)[A-Za-z_$][\w$]*|\[(?:[\"'][\w.$-]+[\"']|(?:self|this)\.\w+|\$?\w\w+)?\]|\(\))+;?")


@lru_cache(maxsize=65536)
def reference(value: str) -> str:
    """What sort of reference the whole value is, or "" for none."""
    value = value.strip()
    if len(value) > _LONGEST:
        value = value[: _LONGEST // 2] + value[-(_LONGEST // 2) :]  # both ends tell
    for sort, pattern in _COMPILED:
        if pattern.fullmatch(value):
            return sort
    if (found := _NAMED.fullmatch(value)) and is_name(found[found.lastgroup or 0]):
        return "template" if found["brace"] else "variable"
    if _URL.fullmatch(value) and not _USER.search(value):
        return "path or URL"
    if _PATH.fullmatch(value) and not _random(value):
        return "path or URL"
    if _INSIDE.search(value) and len(_INSIDE.sub("", value).strip(" \"'-_:/.,@")) < 4:
        return "template"
    if _IDENTIFIER.fullmatch(value) and not any(c.isdigit() for c in value):
        return "expression"
    return ""


def is_name(text: str) -> bool:
    """Whether a programmer would call something so: `db_password2`, `k8sToken`; not `Passw0rd`."""
    parts = [part for part in re.split(r"[_.:\-]+", _TERMS.sub("x", text)) if part]
    return bool(parts) and all(_WORD.fullmatch(part) and not _random(part) for part in parts)


def _random(text: str) -> bool:
    """Whether what could be a name or a path is base64 (one token in 64 begins with a slash): words are longer."""
    if not _RANDOM.fullmatch(text) or text.islower() or text.isupper() or max(map(len, text.split("/"))) < 6:
        return False
    words = _HUMPS.findall(text)
    return sum(map(len, words)) < (2.6 if len(text) < 16 else 3.2) * len(words)


def default(value: str) -> str:
    """The literal that a reference falls back to: `hunter2` of `${DB_PASSWORD:-hunter2}`; "" when there is none."""
    found = (next((g for g in match.groups() if g), "") for match in _DEFAULT.finditer(value))
    literal = next(filter(None, found), "")
    quoted = len(literal) > 2 and literal[0] in "\"'" and literal[-1] == literal[0]  # ${DB_PASSWORD:-"hunter2"}
    return literal[1:-1] if quoted else literal
