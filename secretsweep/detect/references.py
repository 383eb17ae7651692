"""What is a reference to a secret, or the name of one, rather than a value. One list, tested by itself."""

import re
from functools import lru_cache

_WHOLE = (
    ("template", r"\{\{.*\}\}|\{%.*%\}|<%.*%>|\[\[.*\]\]|\{[\w.\-]+\}"),
    ("variable", r"\$\{\{.*\}\}|\$\{[^{}]*\}|\$\(.*|\$[A-Za-z_][\w.:]*;?|%[A-Za-z_]\w*%|\$__\w+\{.*\}|"
                 r"#\{.*\}#?|@@?[A-Z_]+@?@?|@\w+@|__\w+__|%\(\w+\)s|\[[A-Za-z.]+\]::.*|[^{]*\}\}?"),
    ("terraform reference", r"\(?!?(?:var|local|data|module|each|self|path|count|terraform|ephemeral)\.[\w.\[\]\"'*-]+\)?"),
    ("terraform reference", r"(?:random|aws|azurerm|azuread|google|kubernetes|vault|tls|helm|digitalocean)_\w+\.[\w.\[\]\"'*-]+"),
    ("function call", r"(?:sensitive|nonsensitive|file|filebase64|templatefile|lookup|get_env|env|getenv|base64decode|"
                      r"try|coalesce|join|format|jsonencode|jsondecode|data|os\.environ(?:\.get)?|process\.env|"
                      r"System\.getenv)"
                      r"\s?[\[(.].*"),
    ("secret manager", r"\{\{resolve:.*|arn:aws[\w-]*:.*|ref\+\w+://.*|secrets?://.*|vault:.*|op://.*|ssm:.*|"
                       r"aws-?(?:sm|ssm|secretsmanager)[:/].*|gcp-?sm[:/].*|sm://.*|akv[:+/].*|<path:.*>|"
                       r"azurekeyvault://.*|"
                       r"@Microsoft\.KeyVault\(.*\)|projects/[^/]+/secrets/.*|keyring:.*|doppler://.*|bws://.*|infisical://.*"),
    ("encrypted", r"ENC\[.*\]|\$ANSIBLE_VAULT;.*|-----BEGIN (?:AGE ENCRYPTED FILE|PGP MESSAGE).*|AgB[A-Za-z0-9+/=]{100,}|"
                  r"vault:v\d+:.*|\{cipher\}.*|AQICAH[A-Za-z0-9+/=]+|gAAAAA[\w-]{60,}=*|CiQA[A-Za-z0-9+/=]{40,}"),
    ("public", r"ssh-(?:rsa|ed25519|dss) .*|ecdsa-sha2-.*|-----BEGIN (?:CERTIFICATE|PUBLIC|RSA PUBLIC|PGP PUBLIC).*"),
    ("digest", r"(?:sha(?:1|224|256|384|512)|md5)[:=-][A-Za-z0-9+/=]+|h1:[A-Za-z0-9+/=]{44}"),
    ("path or URL", r"(?:\.{0,2}|~)/[\w.@{}$/ *-]*|[A-Za-z]:\\.*|(?:https?|file|s3|gs|ssh|git|oci)://[^:@\s]*(?::\d+[^@\s]*)?|"
                    r"(?:[a-z0-9_.\-]+/)+[a-z0-9_.\-]*|[\w./-]+\.(?:pem|key|crt|cer|p12|pfx|jks|json|ya?ml|txt|conf|cfg|env|ini|properties|sh|py|tf|tpl|md|html?)"),
    ("type or flag", r"(?i:true|false|null|nil|none|undefined|yes|no|on|off|string|str|text|int|integer|bool|boolean|"
                     r"number|object|array|any|map|list|bytes|optional|required|required!?|enabled|disabled|sensitive|void)"),
)
_COMPILED = tuple((name, re.compile(pattern, re.DOTALL)) for name, pattern in _WHOLE)
_INSIDE = re.compile(r"\{\{.*?\}\}|\$\{[^}]*\}|\$\([^)]*\)|<%.*?%>|#\{[^}]*\}|%\{[^}]*\}", re.DOTALL)
_DEFAULT = re.compile(
    r"\$\{\w+:?[-=]([^{}$]*)\}|\|\s*default\s+[\"']([^\"']+)[\"']"
    r"|(?:\bdefault|\|\s*d)\s?\(\s?\\?[\"']([^\"'\\]+)\\?[\"']"  # Jinja
    r"|\{\{-?\s*\\?[\"']([^\"'\\{}]+)\\?[\"']\s*\|"  # {{ 'hunter2' | password_hash }}
    r"|\$\{\{[^{}]*\|\|\s*'([^'{}]+)'"  # GitHub: ${{ secrets.X || 'hunter2' }}
    r"|^\$\{[a-z]\w*:.*,\s*[\"']([^\"'${}]+)[\"']\s*\}$"  # of the Serverless Framework: ${env:DB_PASSWORD, 'hunter2'}
)
_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*(?:(?:\.|->|::)[A-Za-z_$][\w$]*|\[[\w\"'.$-]*\]|\(\))+;?")


@lru_cache(maxsize=65536)
def reference(value: str) -> str:
    """What sort of reference the whole value is, or "" for none."""
    value = value.strip()
    for name, pattern in _COMPILED:
        if pattern.fullmatch(value):
            return name
    if _INSIDE.search(value) and len(_INSIDE.sub("", value).strip(" \"'-_:/.,@")) < 4:
        return "template"
    if _IDENTIFIER.fullmatch(value) and not any(c.isdigit() for c in value):
        return "expression"
    return ""


def default(value: str) -> str:
    """The literal that a reference falls back to: `hunter2` of `${DB_PASSWORD:-hunter2}`; "" when there is none."""
    found = (next((g for g in match.groups() if g), "") for match in _DEFAULT.finditer(value))
    return next(filter(None, found), "")
