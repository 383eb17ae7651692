r"""Which commands take credentials, and where: one line a usage, from the manuals of the commands.

    COMMAND|COMMAND… SUBCOMMAND|… SLOT…

A slot says where a credential stands, and how it is called there:

    -p=password          the word behind the flag, or glued to it: `-p x`, `-px`; long flags also as `--password=x`
    -p+password          glued only: `-px`; `-p x` means something else
    -u=user:password     what stands behind the first `:` (or `%`, `,`, `/`) of that word
    -pass=pass:password  what stands behind `pass:`
    /p:+password         flags of Windows
    PASSWORD, TOKEN …    a positional word, called in lower case; `_` is any word, `NAME VALUE` names the next word,
                         `USER/PASSWORD` has both in one word, and `…` skips to the last word
    <password            standard input: from `echo x |`, `<<< x`, `<<EOF`; `<user:password` has one login a line
    --stdin              needed for `<`
    NAME=--name          the flag whose value names what `=name` of another flag is
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from secretsweep import lazyre
from secretsweep.formats import Gate

_TABLE = """
sshpass -p=password
useradd|usermod|adduser -p=password --password=password
mongo|mongosh|mongodump|mongorestore|mongoexport|mongoimport|mongostat|mongotop|cqlsh -p=password
7z|7za|7zr|7zz|rar|unrar -p+password
mysql|mysqldump|mysqladmin|mysqlimport|mysqlshow|mysqlcheck|mysqlpump|mysqlsh -p+password
mariadb|mariadb-dump|mariadb-admin -p+password
redis-cli|redis-benchmark|valkey-cli -a=password
redis-cli|valkey-cli config set NAME VALUE
ldapsearch|ldapadd|ldapmodify|ldapdelete|ldapcompare|ldapmodrdn|ldapwhoami -w=password
ldappasswd -a=password -s=password -w=password
ipmitool|sqlcmd|bcp|mosquitto_pub|mosquitto_sub|zip|unzip|zipcloak -P=password
snmpwalk|snmpget|snmpset|snmpbulkwalk -A=password -X=password -c=community
openssl -k=password -pass=pass:password -passin=pass:password -passout=pass:password
openssl passwd … PASSWORD
keytool|jarsigner|apksigner -storepass=password -keypass=password -srcstorepass=password -deststorepass=password
keytool|jarsigner -srckeypass=password -destkeypass=password
pscp|plink|psftp|putty -pw=password
docker|podman|skopeo|crane|buildah|nerdctl|oras|helm|oc|argocd|cf|regctl login -p=password <password --password-stdin
az login -p=password
az keyvault secret set NAME=--name --value=name
aws ssm put-parameter NAME=--name --value=name
aws configure set NAME VALUE
npm|pnpm|yarn config set NAME VALUE
npm|pnpm|yarn set NAME VALUE
composer config NAME VALUE
composer config http-basic _ _ PASSWORD
git config NAME VALUE
doppler configure set NAME VALUE
cf auth _ PASSWORD
pip|pip3 config set NAME VALUE
poetry config NAME VALUE
poetry config http-basic _ _ PASSWORD
twine upload -p=password
vault login TOKEN
rabbitmqctl add_user|change_password|authenticate_user _ PASSWORD
mc|mcli alias set _ _ _ SECRET
mc|mcli config host add _ _ _ SECRET
consul acl set-agent-token _ TOKEN
wpa_passphrase _ PASSPHRASE
nmcli password PASSWORD
net user _ PASSWORD
net use _ PASSWORD
schtasks /rp=password /p=password
reg add NAME=/v /d=name
psexec|psexec64|paexec|certutil -p=password
signtool /p=password
sc /password=password
smbclient|rpcclient|smbmap -U=user%password
curl -u=user:password -U=user:password --user=user:password --proxy-user=user:password --oauth2-bearer=token
http|https|xh -a=user:password --auth=user:password
ab|wrk -A=user:password -P=user:password
etcdctl --user=user:password
lftp -u=user,password
sqlplus|expdp|impdp|sqlldr|rman USER/PASSWORD
xfreerdp|xfreerdp3|wlfreerdp|mstsc /p:+password
rdesktop -p=password
gh secret set NAME -b=name --body=name
gh auth login <token --with-token
glab auth login <token --stdin
vncpasswd <password -f
passwd <password
smbpasswd <password
chpasswd <user:password
sudo <password -S
kinit|cryptsetup|gpg-preset-passphrase <password
gcloud secrets create|versions <secret
az acr login -p=password
"""


class Slot(NamedTuple):
    """`flag` before the value; `glued` when the value follows without a space; `lead` is what the credential is
    behind, a separator of one character or a word like `pass:`."""

    flag: bytes
    name: str
    lead: bytes
    must_glue: bool


class Usage(NamedTuple):
    """One line of the table, for one command."""

    command: bytes
    path: tuple[frozenset[bytes], ...]  # subcommands
    flags: tuple[Slot, ...]
    positions: tuple[str, ...]
    stdin: str
    needs: bytes
    named_by: bytes


_FLAG = lazyre.compile(r"([-/][\w-]+:?)([=+])(?:(user|pass)([:%,/]))?([a-z]+)")
_NAMER = lazyre.compile(r"NAME=((?:--?|/)[\w-]+)")


def _read(line: str) -> list[Usage]:
    commands, *rest = line.split()
    path: list[frozenset[bytes]] = []
    flags: list[Slot] = []
    positions: list[str] = []
    stdin = needs = named_by = ""
    for word in rest:
        if slot := _FLAG.fullmatch(word):
            lead = b"pass:" if slot[3] == "pass" else (slot[4] or "").encode()
            flags.append(Slot(slot[1].encode(), slot[5], lead, slot[2] == "+"))
        elif namer := _NAMER.fullmatch(word):
            named_by = namer[1]
        elif word[0] == "<":
            stdin = word[1:]
        elif word[0] == "-":
            needs = word
        elif word[0].isupper() or word[0] in "_…":
            positions.append(word)
        else:
            path.append(frozenset(word.encode().split(b"|")))
    shared = (tuple(path), tuple(flags), tuple(positions), stdin, needs.encode(), named_by.encode())
    return [Usage(command, *shared) for command in commands.encode().split(b"|")]


_LINES = [_read(line) for line in _TABLE.split("\n") if line]
BY_COMMAND: dict[bytes, tuple[Usage, ...]] = {}
for _usages in _LINES:
    for _usage in _usages:
        BY_COMMAND[_usage.command] = (*BY_COMMAND.get(_usage.command, ()), _usage)
del _usages, _usage

_START = r"""(?:^|[\s"'`/(;&|@])"""
_GAP = r"[^|;]{0,200}"
_BETWEEN = r"""["',]{0,2}[\s=]{0,4}["']{0,2}"""
_VALUE = r"""[^\s"'$<{(|;&%\-]"""


def _gates() -> Iterator[str]:
    """For each line, what the gates for names do not see; each ends where the value begins, or before."""
    for usages in _LINES:
        first = usages[0]
        start = _START + f"(?:{_any(u.command for u in usages)})"
        for words in first.path:
            start += rf"""(?:\.exe)?[\s"',]{_GAP}(?i:{_any(words)})"""
        for slot in first.flags:
            between = "" if slot.must_glue or slot.flag[-1:] == b":" else _BETWEEN
            yield rf"""{start}\b{_GAP}[\s"']{re.escape(slot.flag.decode())}{between}{_VALUE}"""
        if first.positions:
            yield start + r"""["',]{0,2}\s""" + (r"[^|;$\n]{1,80}/" + _VALUE if "/" in first.positions[0] else "")
        if first.stdin:
            yield start + (rf"\s{_GAP}{re.escape(first.needs.decode())}\b" if first.needs else r"\b")


def _any(words: Iterable[bytes]) -> str:
    return "|".join(sorted(re.escape(word.decode()) for word in words))


_LONG = Gate(  # a flag that is called like a secret, its value in the next word: `--password x`
    r"""(?i)[\s"'](?:--?|/)[\w.\-]{0,40}?(?:passw(?:or)?d|passphrase|pass|pwd|secret|token|credentials?|"""
    r"""(?:api|access|secret|private|auth|account|storage)-?key)(?:-string|-value)?[ \t]{1,8}["']?"""
    + _VALUE
)
_ARRAY = Gate(r"(?i)(?:passw|pwd|pass|secret|token|key|cred)\w{0,20}\[[^\]\n]{0,60}\]\+?=")  # `TOKENS[db]=x`
_ADDED = Gate(r"(?i)(?:passw|pwd|secret|token|cred)\w{0,20}\+=\(")
_ESCAPED = Gate(  # \"password\": \"x\"
    r"""(?i)(?:passw(?:or)?d|pwd|secret|token|_key)\\{1,3}["']\s?[:=]\s?\\{1,3}["'][^\s"'$<{%\\]"""
)
_HTPASSWD = Gate(r"htpasswd[\s\"',]{1,4}[^|;]{0,40}-[A-Za-z0-9]{0,6}b")
GATES = (_LONG, _ARRAY, _ADDED, _ESCAPED, _HTPASSWD, *map(Gate, _gates()))
