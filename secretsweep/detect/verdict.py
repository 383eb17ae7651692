"""Is a match a finding? The one place that weighs key and value together; every no has a reason."""

import os
import re
from functools import lru_cache
from typing import NamedTuple

from secretsweep import lazyre
from secretsweep.detect import keys, templated
from secretsweep.detect.placeholders import placeholder, token_placeholder
from secretsweep.detect.references import default, is_name, reference
from secretsweep.model import Rule
from secretsweep.rules.checksum import CHECKS
from secretsweep.rules.entropy import entropy

_LOWER = {"high": "medium", "medium": "low", "low": "low"}
_NAME = lazyre.compile(r"[A-Za-z]+(?:[-_./:][A-Za-z]+)*")
_UNDERSCORED = lazyre.compile(r"[A-Z]+(?:_[A-Z]+)+|[a-z]+(?:_[a-z]+)+")
_DNS = lazyre.compile(r"[a-z0-9]+(?:[-._][a-z0-9]+)*")
_REMAINS = lazyre.compile(r"[\"'][\])}]|[\])}]\s*[+,]|\.[+*](?:$|[^\w])")  # of an expression
_PATTERN = lazyre.compile(r"\\[A-Za-z][.+*\[].*|\(\?.*|\[\^.*\][+*].*")
_RANDOM = 4.7
_SCHEME = lazyre.compile(r"(?:Bearer|Token|Basic|token|bearer)\s+(?=\S{8,}\Z)")
_ASSIGNS = lazyre.compile(r"^[ \t]*[\w.\-]{2,64}[ \t]?[=:][ \t]?\S", re.MULTILINE)
_DOCUMENT = lazyre.compile(r"[{\[]\s*(?:[\"{\[]|[}\]]\Z)")
_UUID = lazyre.compile(r"(?i)[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_CALL = lazyre.compile(r"([A-Za-z_][\w.]*)\(.*", re.DOTALL)
# what configures something: names and values stand bare in it; a file of any other kind is code
_CONFIGURES = (
    ".tf .tofu .tfvars .hcl .nomad .yaml .yml .json .json5 .jsonc .toml .ini .cfg .conf .cnf .config "
    ".properties .env .envrc .service .socket "
    ".timer .j2 .jinja .jinja2 .tpl .tmpl .template .erb .gotmpl .sh .bash .zsh .ksh .bat .cmd .ps1 .psm1 .psd1 .xml .plist "
    ".sql .tfstate .backup .bicep "
    ".bicepparam .repo .list .rc .npmrc .netrc .pypirc .pgpass .htpasswd .dockercfg .sls .pp .eyaml .libsonnet "
    ".jsonnet .cue .http .rest "
    ".reg .nmconnection .boto .s3cfg .gitconfig .hgrc .ovpn .acl .cf .htaccess .container .pod .mount .netdev "
    ".network .pgsql .psql .ddl .udl .connectionstring .ldiff .wgconf .inf .ldif .desktop .dockerfile .kubeconfig "
    ".creds .credentials .secret .secrets .password .key .pem .vault .values .gradle .tftpl .mime .cfn .cform .mk "
    ".mak .make .just"
).split()
_CODE_NAMES = frozenset("rakefile gemfile license copying authors codeowners go.sum go.mod".split())
_DOCS = ".md .markdown .rst .adoc .txt .mdx .asciidoc .svg .ipynb .csv".split()
_LOGS = (".log", ".diff", ".patch")
_LOGGED = lazyre.compile(  # no variable's name, no expression
    r"(?![A-Za-z_]+\d{0,3}(?:\.[A-Za-z_]+\d{0,3})*\Z)(?=.*[A-Za-z])[^\s()\[\]{}<>,;]{8,}"
)
_TESTS = lazyre.compile(
    r"(?:^|[/_.-])(?:tests?|testing|testdata|specs?|mocks?|fixtures?|examples?|samples?|demos?|vendor|"
    r"node_modules|third_party|"
    r"docs?|documentation|locales?|i18n|translations?)(?:[/_.-]|$)",
    re.IGNORECASE,
)


_SOURCE = (
    ".go .py .js .ts .tsx .jsx .mjs .cjs .java .kt .scala .rb .rs .c .h .cc .cpp .hpp .cs .php .swift .lua .pl .pm .r "
    ".dart .ex .exs .erl .clj .vue .svelte .css .scss .proto"
).split()
_SCRIPTED = frozenset(".py .js .ts .mjs .cjs .rb .php .lua .pl .ex .exs".split())  # in which settings are written
_LOCALE = lazyre.compile(r"(?:^|/)(?:locales?|i18n|translations?|l10n)/", re.IGNORECASE)
_USER_DATA = lazyre.compile(r"(?:user|vendor)[-_]?data|cloud[-_]?(?:init|config)[\w.-]*\.txt")
_PART = lazyre.compile(r"part \d+(?: \((.*)\))?")
_BARE = lazyre.compile(r"(?:^|[._-])(?:env|dockerfile|containerfile|makefile|inventory|hosts|credentials|config|secrets?|values)(?:[._-]|$)")
_SETTINGS = lazyre.compile(r"(?:^|[._-])(?:env|credentials|config|settings|secrets?|values)\.\w+$")  # of source code
# folders whose files configure, whatever they are called: `host_vars/web1.example.net`
_FOLDERS = lazyre.compile(r"(?:^|/)(?:group_vars|host_vars|inventor(?:y|ies))/")
_PASSWORD_FILE = lazyre.compile(r"vault[._-]?pass(?:word|wd)?(?:[._-][a-z]{2,12})?(?:\.txt)?$|pass(?:word|wd|phrase)\.txt$")


class Verdict(NamedTuple):
    """`confidence` of a finding, or the `reason` why there is none."""

    confidence: str
    reason: str = ""


@lru_cache(maxsize=65536)
def place(path: str) -> str:
    """What sort of file a path names, as far as generic values are concerned: code, docs, log, test, texts, or ""."""
    base = os.path.basename(path.rpartition("!")[2]).lower()  # of a member, its own name
    if part := _PART.fullmatch(base):
        base = part[1] or ""
    if _USER_DATA.match(base):
        return ""
    suffix = os.path.splitext(base)[1]
    if _PASSWORD_FILE.search(base) or (suffix not in _DOCS and _FOLDERS.search(path)):
        return ""
    if suffix in _LOGS:  # what commands said or files held, with their bare values, and code among it
        return "log"
    if suffix in _DOCS or base.startswith(("readme", "changelog", "changes", "contributing")):
        return "docs"
    if _LOCALE.search(path):
        return "texts"
    if suffix in _SOURCE and (suffix not in _SCRIPTED or _TESTS.search(path)):  # nothing stands bare in `config.go`
        return "test" if _TESTS.search(path) else "code"
    bare = _SETTINGS if suffix in _SOURCE else _BARE  # `create_secret_key.py` is no configuration
    if base in _CODE_NAMES or (suffix and suffix not in _CONFIGURES and not bare.search(base)):
        return "test" if _TESTS.search(path) else "code"
    return ""


def judge_token(rule: Rule, token: bytes) -> Verdict:
    """A match of a rule that knows the token's shape."""
    text = token.decode("utf-8", "replace")
    if reason := token_placeholder(text):
        return Verdict("", reason)
    if rule.entropy and entropy(token) < rule.entropy:
        return Verdict("", f"entropy below {rule.entropy}")
    if rule.checksum and not CHECKS[rule.checksum](text):
        return Verdict("", "checksum does not match")
    if rule.kind in ("connection-url", "basic-auth", "password", "password-hash"):
        return _judge_embedded(rule, text)
    return Verdict(rule.confidence)


def judge_keyed(rule: Rule, key: str, value: bytes) -> Verdict:
    """A literal whose whole value matches the rule and whose key names the provider."""
    text = value.decode("utf-8", "replace")
    found = reference(text)
    if found == "path or URL":  # a webhook is one, and a token may look like one
        found = ""
    random = len(value) >= 40 and entropy(value) >= _RANDOM  # of all printable characters: `<p>` in it says nothing
    if reason := token_placeholder(text) or found or ("" if random else placeholder(text)):
        return Verdict("", reason)
    if rule.entropy and entropy(value) < rule.entropy:
        return Verdict("", f"entropy below {rule.entropy}")
    if rule.checksum and not CHECKS[rule.checksum](text):
        return Verdict("", "checksum does not match")
    return Verdict(rule.confidence)


@lru_cache(maxsize=65536)
def judge_generic(rule: Rule, key: str, text: str, form: str, where: str) -> tuple[Verdict, str]:
    """A literal that only its key makes a credential; with the value that counts (a reference's default, say)."""
    noun = keys.noun(key) or declared(key, form)
    if not noun:
        return Verdict("", "the key names, describes or locates a secret"), text
    if form.startswith("tag:") and form not in ("tag:!!str", "tag:!!binary", "tag:tag:yaml.org,2002:str"):
        return Verdict("", f"reference: {form.removeprefix('tag:')}"), text
    mixed = False  # with templates
    if (found := reference(text)) or "{{" in text or "${" in text:
        fallback = default(text)
        if not fallback and noun == "password" and found in ("", "template"):
            fallback = templated.literal(text)
            mixed = fallback != ""
        if not fallback:
            return Verdict("", f"reference: {found or 'template'}"), text
        text = fallback
        if reason := reference(text):
            return Verdict("", f"reference: {reason}"), text
    if noun == "secret" and (scheme := _SCHEME.match(text)):
        text = text[scheme.end() :]
    if where in ("test", "texts"):
        return Verdict("", "test or vendored code" if where == "test" else "a translation"), text
    if where in ("code", "docs") and form in ("plain", "block", "heredoc"):
        return Verdict("", "not a literal"), text
    if where == "log" and form == "plain" and not _LOGGED.fullmatch(text.strip()):
        return Verdict("", "not a literal"), text
    if reason := placeholder(text):
        return Verdict("", reason), text
    if "\n" in text and _ASSIGNS.search(text):
        return Verdict("", "a document, which is read by itself"), text
    plain = text.strip().rstrip(",;") if form == "plain" else text.strip()
    if form == "plain" and "(" not in plain:  # the last word of `$(command --secret=name)`
        plain = plain.rstrip(")")
    if _DOCUMENT.match(plain):
        return Verdict("", "a document: what is in it counts"), text
    if keys.words(plain) == keys.words(keys.name(key)):
        return Verdict("", "names itself"), text
    if _PATTERN.fullmatch(plain) or (form == "plain" and _REMAINS.search(plain)):
        return Verdict("", "part of an expression"), text
    if not plain or plain.count(" ") >= 3 or _called(plain) or plain[-1:] in ":?" or ", " in plain:
        return Verdict("", "prose or an expression"), text
    verdict = _password(plain) if noun == "password" else _secret(plain)
    if mixed and verdict.confidence:
        return Verdict("low"), text
    if verdict.confidence and where in ("code", "docs", "log"):
        if " " in plain or entropy(plain) < 3.0 or not any(c.isdigit() for c in plain):
            return Verdict("", "too plain for a file of code or prose"), text
        return Verdict(_LOWER[verdict.confidence]), text
    return verdict, text


def _called(text: str) -> bool:
    call = _CALL.match(text)
    return call is not None and is_name(call[1])


def declared(key: str, form: str) -> str:
    """`password` or `secret` for a literal that its file calls secret, whatever its name is: by its type, or by a
    mark, which also stands at user names and hosts."""
    said, _, noun = form.partition(":")
    if said == "declared" or (said == "marked" and not keys.identifies(key)):
        return noun
    return ""


def passwordlike(text: str) -> bool:
    """Whether a text looks like a password, as far as looks go."""
    return _password(text).confidence == "medium"


def looks_random(text: str) -> bool:
    """Whether a text looks like a token: nobody would call anything so."""
    return _secret(text).confidence == "medium"


def _password(text: str) -> Verdict:
    if text.isdigit() and len(text) < 6:
        return Verdict("", "a number")
    if keys.noun(text) and _NAME.fullmatch(text) and len(keys.words(text)) > 1:
        return Verdict("", "the name of a secret")
    classes = sum(any(map(f, text)) for f in (str.islower, str.isupper, str.isdigit))
    classes += any(not c.isalnum() for c in text)
    return Verdict("medium" if classes >= 2 and len(text) >= 6 else "low")


def _secret(text: str) -> Verdict:
    if len(text) < 8 or " " in text:
        return Verdict("", "too short, or several words")
    if _UUID.fullmatch(text):
        return Verdict("low")
    if _NAME.fullmatch(text) and entropy(text) < 4.2:
        return Verdict("", "a name")
    if _DNS.fullmatch(text) and any(c in text for c in "-._") and (keys.noun(text) or entropy(text) < 3.6):
        return Verdict("", "a name")
    if entropy(text) < 2.8:
        return Verdict("", "entropy below 2.8")
    random = len(text) >= 16 and entropy(text) >= 3.2 and any(c.isdigit() for c in text)
    return Verdict("medium" if random else "low")


def _judge_embedded(rule: Rule, text: str) -> Verdict:
    """A password inside a URL or a command: the shape is certain, the value may still be a stand-in."""
    if rule.kind == "password-hash":  # begins with a dollar
        return Verdict(rule.confidence)
    if (found := reference(text)) or "{{" in text or "${" in text or text.startswith("$"):
        return Verdict("", f"reference: {found or 'template'}")
    if reason := placeholder(text):
        return Verdict("", reason)
    if _UNDERSCORED.fullmatch(text) and keys.noun(text):  # `DB_PASSWORD`, which sed replaces; not `Admin-Pass`
        return Verdict("", "the name of a secret")
    return Verdict(rule.confidence)
