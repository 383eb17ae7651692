"""A line of a tfvars file: it takes no expressions, so it goes, and the environment gives the value."""

import posixpath

from secretsweep import lazyre
from secretsweep.model import Edit, Refusal, Span, Spot
from secretsweep.writers import File
from secretsweep.writers._hcl import Attribute
from secretsweep.writers._terraform_draft import Draft
from secretsweep.writers._terraform_edits import line_end, whole_lines
from secretsweep.writers._terraform_module import Declared, Module, Place, Project, parsed
from secretsweep.writers._terraform_variables import exported, without_default

_LOADED = lazyre.compile(r"(?:^|/)(?:terraform\.tfvars|[^/]*\.auto\.tfvars)$")


def place_line(spot: Spot, file: File, attribute: Attribute, project: Project) -> Draft | Refusal:
    """The change for a value that is a variable's, whole."""
    name = attribute.name
    if not attribute.is_literal:
        return Refusal(spot, "it is a part of a structure with other values in it", "give it a variable of its own")
    found = _declared(project, posixpath.dirname(file.path), name)
    if found is None:
        return Refusal(spot, f'no variable "{name}" is declared in its folder or above', "replace it by hand")
    module, variable = found
    if other := _other(project, file.path, name):
        return Refusal(spot, f"{other} sets {name} too, and would win", "decide which one counts, then remediate again")
    given = exported(spot, file.data, attribute, name, module.folder)
    if not given:
        return Refusal(spot, "no command is known that gives it to the variable", "replace it by hand")
    lines = whole_lines(file.data, attribute.span)
    if lines is None:
        return Refusal(spot, "other things stand on its line", "replace it by hand")
    used = "" if _LOADED.search(file.path) else f" with -var-file={posixpath.basename(file.path)}"
    draft = Draft([spot], needs=[given + used])
    place = Place(variable.path, variable.data, (variable.block,), attribute)
    if variable.block.get("default") is not None:
        draft.warnings.append(f"{name} loses its default in {variable.path}, or that would be used without a word")
    without_default(draft, place, module)
    text = f"# {name}: given as TF_VAR_{name}, from {spot.reference.store} {spot.reference}"
    end = line_end(file.data, attribute.span.end)
    draft.edit(file.path, 0, [Edit(Span(lines.start, end), text.encode())])
    return draft


def _declared(project: Project, folder: str, name: str) -> tuple[Module, Declared] | None:
    """The variable in this folder, or in the nearest one above that has it."""
    while True:
        module = project.module(folder)
        if variable := module.block("variable", name):
            return module, variable
        if not folder:
            return None
        folder = posixpath.dirname(folder)


def _other(project: Project, path: str, name: str) -> str:
    """Another file that Terraform reads without being asked, with the same variable: it counts before TF_VAR_x."""
    if not _LOADED.search(path):
        return ""
    for other in project.inside(posixpath.dirname(path)):
        if other != path and _LOADED.search(other):
            root = parsed(project.read(other) or b"")
            if root is None or root.get(name):
                return other
    return ""
