"""Ansible: a lookup in the place of the value. It is lazy: read at each use, on the machine that runs the playbook.

Syntax: docs.ansible.com (Using variables; quoting of templates in YAML), ansible.builtin.quote (what a
shell gets), collections/ansible/builtin/ini_inventory.
"""

from collections.abc import Iterator, Sequence

from secretsweep import lazyre
from secretsweep.formats import Unparsed, yaml
from secretsweep.model import REVIEW, SAFE, Change, Edit, FileEdit, Refusal, Span, Spot, Unit
from secretsweep.writers import File, Tree, _ansible_sealed, _lookups, _playbooks, _sops, _within
from secretsweep.writers._literal import quoted, yaml_scalar
from secretsweep.writers._script import Obstacle, Place, place

FORMATS = ("ansible", "ansible_inventory")
PARTS = False
SEALS = (_ansible_sealed.STORE,)
HOSTS = True  # templates are filled in before anything reads what they are in

_BLOCK = lazyre.compile(rb"(?:^|[\s:])(\|([-+]?)[1-9]?)[ \t]*(?:#[^\n]*)?\r?\n[ \t\r\n]*\Z")
_TASK = lazyre.compile(r"(?:^|\.)(?:(?:pre_|post_)?tasks|handlers|block|rescue|always)\[|^\[\d+\]\.(?!vars\b)")
_COMMANDS = lazyre.compile(r"(?:^|[.\"])(?:shell|command|raw|script|cmd|expect|argv)\b")
_RISKY = lazyre.compile(rb"[\\'\"&]")
_LIST = "write the command as a block of text (`|`), or the value to a variable of its own"


def rewrite(spots: Sequence[Spot], file: File, tree: Tree) -> Iterator[Change | Refusal]:
    """One value, one lookup; or one ciphertext."""
    if spots and spots[0].reference.store in SEALS:
        yield from _ansible_sealed.rewrite(spots, file)
        return
    try:
        units = yaml.units(file.data) if spots and spots[0].formats[0] == "ansible" else []
    except Unparsed:
        units = []
    around = _playbooks.folder(file, tree) if any(s.reference.store == _sops.STORE for s in spots) else ""
    for spot in spots:
        if around is None:
            where = "playbooks are in several folders, and the file's path counts from theirs"
            yield Refusal(spot, where, "keep them in one folder, or let the variables plugin of community.sops load it")
            continue
        lookup = _lookups.lookup(spot.reference, around)
        if not lookup:
            yield Refusal(spot, f"no lookup of Ansible reads {spot.reference.store}", "choose another store")
            continue
        found = _edit(spot, file, units, lookup)
        if isinstance(found, Obstacle):
            yield Refusal(spot, found.reason, found.instead)
        else:
            yield Change(
                (spot,),
                (FileEdit(file.path, found),),
                disposition=SAFE if len(spot.formats) == 1 or spot.format == "shell" else REVIEW,
                needs=tuple(_needs(spot, around)),
            )


def _needs(spot: Spot, around: str) -> Iterator[str]:
    yield _lookups.need(spot.reference.store)
    if spot.reference.store == _sops.STORE:
        yield f"play it from playbooks in {around or 'the top of the repository'}: the file's path counts from there"
    if _TASK.search(spot.key):
        yield f"set `no_log: true` on the task of {spot.path}:{spot.line}: -v prints its arguments"


def _edit(spot: Spot, file: File, units: Sequence[Unit], lookup: str) -> Edit | Obstacle:
    template = f"{{{{ {lookup} }}}}"
    if spot.encodings:
        return Obstacle(f"it is written in {spot.encodings[-1]}", "move it to a variable of its own")
    if spot.formats[0] == "ansible_inventory":
        if len(spot.formats) > 1 or spot.form == "block":
            return Obstacle("it is inside a command", "move it to a variable of its own")
        return Edit(quoted(file.data, spot), f'"{_escaped(template)}"'.encode())
    if len(spot.formats) > 1:
        return _hosted(spot, file, lookup)
    return _scalar(spot, file, units, template)


def _scalar(spot: Spot, file: File, units: Sequence[Unit], template: str) -> Edit | Obstacle:
    """A scalar, or an argument among others in one."""
    outer = min(
        (u for u in units if u.span.covers(spot.literal)), key=lambda u: u.span.end - u.span.start, default=None
    )
    if outer is None:
        return Obstacle("the value is in a block of text or encoded", "move it to a variable of its own")
    if outer.span == spot.literal:
        if spot.form in ("plain", "single", "double"):
            return Edit(quoted(file.data, spot), yaml_scalar(template))
        header = _BLOCK.search(file.data, 0, spot.literal.start)
        if header is None or header[2] == b"+":
            return Obstacle("the value is in a block of text that is folded", "move it to a variable of its own")
        end = "" if header[2] else "\\n"  # the last newline is not the store's: $(…) and the like take it away
        return Edit(Span(header.start(1), spot.literal.end), f'"{_escaped(template)}{end}"'.encode())
    text = template.replace("'", "''") if outer.form == "single" else template
    if outer.form == "double":
        text = _escaped(text)
    return Edit(quoted(file.data, spot), text.encode())


def _escaped(template: str) -> str:
    """For double quotes of YAML, and of an inventory."""
    return template.replace('"', '\\"')


def _hosted(spot: Spot, file: File, lookup: str) -> Edit | Obstacle:
    """In a command, or in the text of a file."""
    script = _within.inner(file.data, spot, 1)
    span = script.here(spot.literal) if script else None
    if script is None or span is None:
        return Obstacle("YAML's quotes are around the command or the file", _LIST)
    raw = file.data[slice(*spot.literal)]
    if b"\n" in raw:
        return Obstacle("it has several lines, whose indentation would be lost", "move it to a variable of its own")
    if spot.formats[1] != "shell" or not _COMMANDS.search(spot.key.split(" › ")[0]):
        if _RISKY.search(raw):
            return Obstacle(f"it has characters that {spot.formats[-1]} writes in another way", "replace it by hand")
        return Edit(spot.literal, f"{{{{ {lookup} }}}}".encode())
    at = place(script.text, span, spot.formats[2:])
    if isinstance(at, Obstacle):
        return at
    return word(script, at, lookup)


def word(script: _within.Inner, at: Place, lookup: str) -> Edit:
    """As a word of a shell, whatever is in it; nothing of it is in double quotes."""
    if at.text:
        return Edit(script.span(at.span), f"{{{{ {lookup} }}}}".encode())
    (start, end), before, after = at.span, at.before, at.after
    if at.inside:
        opens = script.text[start - 1 : start] == b'"' and script.text[start - 2 : start - 1] != b"\\"
        closes = script.text[end : end + 1] == b'"'
        start, before = (start - 1, b"") if opens else (start, b'"')
        end, after = (end + 1, b"") if closes else (end, b'"')
    return Edit(script.span(Span(start, end)), before + f"{{{{ {lookup} | quote }}}}".encode() + after)
