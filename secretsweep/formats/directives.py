"""Configuration files of `keyword value`: Redis, OpenLDAP, Apache, SNMP, PPP, IPsec, Postfix, and their like."""

import re
from collections.abc import Iterator

from secretsweep import lazyre
from secretsweep.formats import Gate, _gates, _nested
from secretsweep.formats import text as _text
from secretsweep.formats._address import child, segment, text
from secretsweep.formats._basic import authorization
from secretsweep.formats._lines import lines, whole
from secretsweep.model import Blob, Span, Unit

NAME = "directives"
PRIORITY = 5
ANCESTORS = False  # no line depends on the indentation above it
GATES = (
    _gates.KEYWORD,
    Gate(r"\buser[ \t]{1,4}\S{1,40}[ \t]{1,4}(?:on|off|reset|>\S)[^\n]{0,200}[ \t]>\S", "line"),
    Gate(r"\bsentinel[ \t]{1,8}(?:auth-pass[ \t]{1,8}\S{1,100}|sentinel-pass)[ \t]{1,8}\S", "line"),
    Gate(r"(?i)\b(?:com2sec6?|trap2?sink|informsink|createUser|def(?:Auth|Priv)Passphrase|defCommunity)[ \t]"
        r"{1,40}\S", "line"),
    Gate(r"(?i)\bSetEnv[ \t]{1,8}\w{0,60}" + _gates.SECRETIVE + r"\w{0,20}[ \t]{1,8}\S", "line"),
    Gate(r"(?i)RequestHeader[ \t]{1,8}(?:set|add)[ \t]{1,8}[\w\-]{0,40}(?:authorization|key|token|secret)"
        r"[ \t]{1,8}\S", "line"),
    Gate(r":[ \t]{0,8}(?:PSK|EAP|XAUTH|PIN|NTLM)[ \t]{1,8}\S", "line"),
    Gate(r":[ \t]{0,8}(?:RSA|ECDSA|P12|PKCS8)[ \t]{1,8}[^\s\n]{1,200}[ \t]{1,8}\"[^\"\n]", "line"),
    Gate(r"[!-~]{4}[\"']?[ \t]{1,30}\*[ \t\r]{0,4}\n", "all"),  # chap-secrets, when any line ends with `*`
    Gate(r":(?:25|465|587|2525|smtps?|submissions?)[ \t]{1,40}[^\s:#]{1,100}:[^\s/]", "line"),  # sasl_passwd
    Gate(r"<auth-user-pass>\r?\n[^\n]{1,200}\n[^\s<]", "inline"),
)  # fmt: skip

PATHS = lazyre.compile(
    r"\.(?:conf|cf|acl|ovpn|htaccess|secrets|cnf|aclfile|sls\.conf)(?:\.(?:j2|tpl|tmpl|erb|template|example|sample|dist|bak|in))*$"
    r"|(?:^|/)(?:\.htaccess|(?:chap|pap)-secrets|ipsec\.secrets|sasl_passwd|(?:lmtp|relay|smtp)_(?:passwd|password|auth)"
    r"|ldap\.secret|users\.acl|sssd|ldaprc|\.ldaprc|krb5\.conf|sshd_config)(?:\.(?:j2|tpl|tmpl|erb|example))*$"
)
_VALUE = rb"(?:\"([^\"\r\n]*)\"|'([^'\r\n]*)'|([^\s\"'][^\s]*))"
_SHAPES = tuple(
    (name, re.compile(rb"[ \t]*" + shape.replace(rb"VALUE", _VALUE), re.IGNORECASE))
    for name, shape in (
        ("sentinel.{}.auth-pass", rb"sentinel[ \t]+auth-pass[ \t]+(?P<who>\S+)[ \t]+VALUE"),
        ("sentinel.sentinel-pass", rb"(?P<who>)sentinel[ \t]+sentinel-pass[ \t]+VALUE"),
        ("com2sec.{}.community.password", rb"com2sec6?[ \t]+(?P<who>\S+)[ \t]+\S+[ \t]+VALUE"),
        ("trapsink.{}.community.password", rb"(?:trap2?sink|informsink)[ \t]+(?P<who>\S+)[ \t]+VALUE"),
        ("createUser.{}.password", rb"createUser[ \t]+(?P<who>\S+)[ \t]+(?:MD5|SHA[\d-]*)[ \t]+VALUE"),
        ("createUser.{}.privacy.password",
         rb"createUser[ \t]+(?P<who>\S+)[ \t]+\S+[ \t]+(?:\"[^\"]*\"|\S+)[ \t]+(?:AES[\d-]*|DES)[ \t]+VALUE"),
        ("SetEnv.{}", rb"SetEnv[ \t]+(?P<who>\w+)[ \t]+VALUE"),
        ("{}.password", rb"(?P<who>[^\s:]*)[^:\"]*:[ \t]*(?:PSK|EAP|XAUTH|PIN|NTLM)[ \t]+VALUE"),
        ("{}.passphrase", rb"(?P<who>[^\s:]*)[ \t]*:[ \t]*(?:RSA|ECDSA|P12|PKCS8)[ \t]+\S+[ \t]+VALUE"),
        ("{}.password", rb"[\"']?(?P<who>[^\s#\"'<{]+)[\"']?[ \t]+[^\s#<{]+[ \t]+VALUE[ \t]+(?:\*|[0-9.]"
            rb"{7,15})[ \t]*\Z"),
        ("{}.password",
         rb"(?P<who>\[[\w.\-]+\](?::\w+)?|[\w.\-]+\.[a-z]{2,12}(?::\w+)?)[ \t]+[^\s:\"]+:(?=[^\s/])VALUE[ \t]*\Z"),
    )
)  # fmt: skip
_HEADER = lazyre.compile(
    rb"[ \t]*RequestHeader[ \t]+(?:set|add)[ \t]+\"?([\w\-]+)\"?[ \t]+(?:\"([^\"]*)\"|(\S+))", re.I
)
_ACL = lazyre.compile(rb"[ \t]*user[ \t]+(\S+)[ \t][^\r\n]*")
_ACL_PASSWORD = lazyre.compile(rb"(?<=[ \t])>(\S+)")
_KEYWORD = lazyre.compile(
    rb"[ \t]*(?!proxy_?pass|pam_password|\w*_pass_)([A-Za-z_][\w.\-]*)[ \t]+" + _VALUE + rb"(?P<more>[^\r\n]*)",
    re.IGNORECASE,
)
_INLINE = lazyre.compile(rb"<auth-user-pass>\r?\n[^\n]*\n([^\s<][^\r\n]*)")


def _inline(data: bytes, at: int) -> tuple[int, int]:
    start = max(data.rfind(b"<auth-user-pass>", max(0, at - 500), at), 0)
    end = data.find(b"\n", at)
    return start, len(data) if end < 0 else end


REGIONS = {"inline": _inline, "all": whole}


def owns(path: str, head: bytes) -> bool:
    return PATHS.search(path) is not None


def extract(blob: Blob) -> Iterator[Unit]:
    """Assignments, and the values of directives."""
    return _nested.expand(blob.data, units(blob.data))


def units(data: bytes) -> Iterator[Unit]:
    """Line by line; a line that assigns is read as any text."""
    for inline in _INLINE.finditer(data):
        yield Unit(Span(*inline.span(1)), "auth-user-pass.password", inline[1].rstrip())
    for start, end in lines(data):
        line = data[start:end]
        if line.lstrip()[:1] in (b"#", b""):
            continue
        found = [unit._replace(span=unit.span.shifted(start)) for unit in _directive(line)]
        yield from found
        if not found:
            yield from (unit._replace(span=unit.span.shifted(start)) for unit in _text.units(line))


def _directive(line: bytes) -> Iterator[Unit]:
    if user := _ACL.fullmatch(line):
        for password in _ACL_PASSWORD.finditer(line):
            yield Unit(Span(*password.span(1)), child(child("user", text(user[1])), "password"), password[1])
    if header := _HEADER.match(line):
        group = header.lastindex or 3
        yield from authorization(Span(*header.span(group)), child("RequestHeader", text(header[1])), header[group])
        return
    for name, shape in _SHAPES:
        if (found := shape.match(line)) and (unit := _unit(found, _address(name, found["who"]))):
            yield unit
            if name != "createUser.{}.password":
                return
    keyword = _KEYWORD.match(line)
    if not keyword or line[keyword.end(1) :].lstrip()[:1] in (b"=", b":") or _more(keyword["more"]):
        return
    if unit := _unit(keyword, text(keyword[1])):
        yield unit


def _address(name: str, who: bytes) -> str:
    return name.replace("{}", segment(text(who))) if who else name.replace("{}.", "")


def _more(rest: bytes) -> bool:
    """Whether what follows the value makes the line a sentence rather than a directive."""
    words = rest.split(b"#")[0].split()
    return len(words) > 2 or any(word in (b"=", b"is", b"for", b"in", b"on", b"the", b"of") for word in words)


def _unit(found: re.Match[bytes], key: str) -> Unit | None:
    """The value's group is the last of three: double, single, bare."""
    groups = [group for group in range(1, (found.re.groups or 0) + 1) if group not in found.re.groupindex.values()]
    for group, form in zip(groups[-3:], ("double", "single", "plain"), strict=True):
        if found[group]:
            return Unit(Span(*found.span(group)), key, found[group], form)
    return None
