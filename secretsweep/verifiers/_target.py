"""Where a password of a server belongs: from the connection URL that holds it, or from what stands beside it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote

from secretsweep.model import Secret
from secretsweep.verifiers import Asked, Beside
from secretsweep.verifiers._troubles import NoAnswer

SCHEMES = {
    **dict.fromkeys(("postgres", "postgresql", "cockroach", "cockroachdb"), "postgresql"),
    **dict.fromkeys(("mysql", "mysql2", "mariadb"), "mysql"),
    **dict.fromkeys(("redis", "rediss", "valkey", "valkeys"), "redis"),
    **dict.fromkeys(("mongodb", "mongodb+srv"), "mongodb"),
    **dict.fromkeys(("amqp", "amqps"), "amqp"),
    **dict.fromkeys(("smtp", "smtps", "submission", "submissions", "smtp+tls", "smtp+ssl", "smtp+starttls"), "smtp"),
}
PORTS = {"postgresql": 5432, "mysql": 3306, "redis": 6379, "mongodb": 27017, "amqp": 5672, "smtp": 587}
_OVER_TLS = {"rediss": 6380, "valkeys": 6380, "amqps": 5671, "smtps": 465, "submissions": 465, "smtp+ssl": 465}
_WORDS = {  # in the name of a password, of its block, or of the engine beside it
    "postgresql": r"postgres|pgsql|(?<![a-z])pg(?![a-z])|(?<![a-z])pgpass|cockroach",
    "mysql": r"mysql|maria",
    "redis": r"redis|valkey",
    "mongodb": r"mongo",
    "amqp": r"amqp|rabbit",
    "smtp": r"smtp|(?<![a-z])e?mail",
}
_OWN = {  # rules whose credentials are of one kind only
    "database-url-postgres": "postgresql",
    "database-url-cockroach": "postgresql",
    "database-libpq-dsn": "postgresql",
    "database-url-mysql": "mysql",
    "database-go-mysql-dsn": "mysql",
    "database-url-redis": "redis",
    "database-url-mongodb": "mongodb",
    "database-url-amqp": "amqp",
    "database-url-smtp": "smtp",
}
_OTHERS = r"kafka|elastic|opensearch|clickhouse|mssql|sqlserver|oracle|ldap|vault|consul|api|proxy|grafana|s3|minio"
_HOST = r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:/?#,\[\]@]{1,255})"
_URL = re.compile(
    r"(?P<scheme>\b[a-z][a-z0-9.-]{0,30}(?:\+[a-z0-9]{1,30})?)://"
    r"(?P<user>[^\s:/@]{0,200}):(?P<password>[^\s/?#]{1,500})@" + _HOST + r"(?::(?P<port>\d+))?(?:,[^\s/?#]*)?"
    r"(?:/(?P<database>[^\s?#]*))?(?:\?(?P<query>[^\s#]*))?"
)
_JDBC = re.compile(
    rf"jdbc:(?P<scheme>[a-z0-9]+)://{_HOST}(?::(?P<port>\d+))?(?:,[^\s/?#]*)?(?:/(?P<database>[^\s?;]*))?\?(?P<query>\S*)"
)
_GO = re.compile(
    r"(?P<user>[^\s:/@]{1,100}):(?P<password>\S{1,300})@tcp6?\(" + _HOST + r"(?::(?P<port>\d+))?\)"
    r"(?:/(?P<database>[^\s?]*))?"
)
_PGPASS = re.compile(rf"^{_HOST}:(?P<port>\d+):(?P<database>[^\s:]*):(?P<user>[^\s:]+):(?P<password>\S+)$")
_PAIRS = re.compile(r"(?:^|(?<=[\s\"']))([a-z_]{1,40})=(\S{1,300}?)(?=[\s\"']|$)")


@dataclass(frozen=True, slots=True, repr=False)
class Target:
    """One account at one server."""

    kind: str
    host: str
    port: int
    user: str
    password: Secret
    database: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    tls: bool = False  # the scheme is one of TLS from the first byte

    @property
    def account(self) -> str:
        return f"{self.kind} {self.user}@{self.host}:{self.port}"


def beside(kind: str) -> dict[str, Beside]:
    """What stands beside a password of such a server; what is named after another one is not its own."""
    others = "|".join([words for other, words in _WORDS.items() if other != kind] + [_OTHERS])
    not_others = rf"(?i)^(?!.*(?:{others}))"
    ends = r"(?:^|[._\]-]|(?<=[a-z])(?=[A-Z])|(?i:(?<=pg)|(?<=db)))"
    near = r"^[^\s:#]+:\d{1,5}:[^\s:]*:[^\s:]+:\S+$|" if kind == "postgresql" else ""
    near += r"jdbc:[a-z0-9]+:[^\s\"'<>`]+|(?:\b[a-z_]{1,40}=[^\s\"'`]{1,300} ){0,9}password=[^\s\"'`]{1,300}"
    near += r"(?: [a-z_]{1,40}=[^\s\"'`]{1,300}){0,9}"
    return {
        "url": Beside(near=near, optional=True),
        **{
            name: Beside(keys=keys, pattern=form, optional=True, family=True)
            for name, (keys, form) in {
                "host": (rf"{not_others}.*{ends}(?:host(?:name|addr)?|server|address|endpoint)$", ""),
                "port": (rf"{not_others}.*{ends}port$", r"\d{2,5}"),
                "user": (rf"{not_others}.*{ends}(?:user(?:_?name)?|login|role)$", ""),
                "database": (rf"{not_others}.*{ends}(?:database|db_?name|database_?name|db)$", ""),
                "engine": (r"(?i)(?:engine|dialect|driver|adapter|scheme|(?:db|database)[_.-]?type|connection)$", ""),
            }.items()
        },
    }


def is_of(asked: Asked, kind: str) -> bool:
    """Whether a password is one of such a server: its URL says so, its name, what stands beside it, or the port."""
    if asked.rule in _OWN:
        return _OWN[asked.rule] == kind
    try:
        found = _written(asked)
    except NoAnswer:
        return False
    if found is not None:
        return found.kind == kind
    texts = (asked.key, _text(asked.beside.get("engine")))
    named = {each for text in texts for each, words in _WORDS.items() if re.search(words, text, re.IGNORECASE)}
    if not named:
        port = _text(asked.beside.get("port"))
        named = {each for each, usual in PORTS.items() if port == str(usual)}
    return named == {kind} and "host" in asked.beside


def of(asked: Asked, kind: str, needs_user: bool = True) -> Target:
    """The account. NoAnswer says what is missing."""
    target = _written(asked) or _block(asked, kind)
    if target.kind != kind:
        raise NoAnswer("it is for a server of another kind")
    if needs_user and not target.user:
        raise NoAnswer("it takes the user that belongs to it, which was not found beside it")
    if re.search(r"[${}<>%*]", target.host) or target.host.startswith("/"):
        raise NoAnswer("the host beside it is a template, which only a deployment fills in")
    return target


def where(asked: Asked, kind: str) -> str:
    """`HOST:PORT`, or nothing."""
    try:
        target = of(asked, kind, needs_user=False)
    except NoAnswer:
        return ""
    return f"{target.host}:{target.port}"


def _written(asked: Asked) -> Target | None:
    """Of a URL or a connection string that holds the password; None when there is none."""
    for text in filter(None, (_text(asked.literal), _text(asked.secret), _text(asked.beside.get("url")))):
        for pattern in (_JDBC, _URL, _GO, _PGPASS):
            match = pattern.search(text)
            if match and (target := _of_match(match, pattern, asked)):
                return target
        pairs = dict(_PAIRS.findall(text))
        if _same(pairs.get("password", ""), asked) and "host" in pairs | {"host": pairs.get("hostaddr")}:
            return _of_pairs(pairs)
    return None


def _of_match(match: "re.Match[str]", pattern: "re.Pattern[str]", asked: Asked) -> Target | None:
    parts = {name: value or "" for name, value in match.groupdict().items()}
    jdbc = pattern is _JDBC
    scheme = parts.get("scheme", "mysql" if pattern is _GO else "postgresql")
    kind = SCHEMES.get(scheme) or SCHEMES.get(scheme.partition("+")[0], "")
    options = dict(parse_qsl(parts.get("query", "")))
    password = options.get("password", "") if jdbc else parts["password"]
    user = options.get("user", "") if jdbc else parts["user"]
    if "scheme" in parts and not jdbc:
        user, password = unquote(user), unquote(password, errors="surrogateescape")
    whole = asked.rule == "database-go-mysql-dsn"  # its finding is all of it
    if not kind or not (_same(password, asked) or whole):
        return None
    port = int(parts["port"] or _OVER_TLS.get(scheme) or PORTS[kind])
    database = unquote(parts["database"])
    host = parts["host"].strip("[]")
    if scheme == "mongodb+srv":
        raise NoAnswer("its servers are told by a SRV record, which is not looked up; ask with their own URL")
    return Target(kind, host, port, user, _secret(password), database, options, scheme in _OVER_TLS)


def _of_pairs(pairs: Mapping[str, str]) -> Target:
    host = pairs.get("host") or pairs.get("hostaddr") or ""
    if not host:
        raise NoAnswer("it takes the host that belongs to it, which was not found beside it")
    port = pairs.get("port", "5432")
    database = pairs.get("dbname", "")
    return Target("postgresql", host, _port(port), pairs.get("user", ""), _secret(pairs["password"]), database, pairs)


def _block(asked: Asked, kind: str) -> Target:
    found = {name: _text(value) for name, value in asked.beside.items()}
    host, own = found.get("host", "").removeprefix("tcp://"), ""
    if host.count(":") == 1:
        host, _, own = host.partition(":")
    if not host:
        raise NoAnswer("it takes the host that belongs to it, which was not found beside it")
    port = _port(own or found.get("port") or str(PORTS[kind]))
    return Target(kind, host.strip("[]"), port, found.get("user", ""), asked.secret, found.get("database", ""))


def _port(text: str) -> int:
    if not re.fullmatch(r"\d{1,5}", text, re.ASCII):
        raise NoAnswer("the port beside it is none")
    return int(text)


def _same(password: str, asked: Asked) -> bool:
    known = _text(asked.secret)
    return bool(password) and password in (known, unquote(known, errors="surrogateescape"))


def _text(secret: Secret | None) -> str:
    return secret.reveal().decode("utf-8", "surrogateescape") if secret is not None else ""


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _secret(text: str) -> Secret:
    return Secret(_bytes(text))
