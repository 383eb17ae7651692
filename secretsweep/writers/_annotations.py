"""The annotations that tell Vault's Agent injector which file to write: its template exports one variable a secret.

Syntax: developer.hashicorp.com/vault/docs/deploy/kubernetes/injector/annotations, and of the template
github.com/hashicorp/consul-template/blob/main/docs/templating-language.md.
"""

from collections.abc import Mapping

from secretsweep import lazyre
from secretsweep.model import FileEdit, Reference
from secretsweep.writers import _pods
from secretsweep.writers._agents import HEAD, Injected
from secretsweep.writers._manifests import Sheet
from secretsweep.writers._nodes import Node

_ACTION = lazyre.compile(r"\{\{.*?\}\}")


def added(
    manifest: Node,
    template: Node | None,
    like: Injected,
    files: Mapping[str, Mapping[str, Reference]],
    sheet: Sheet,
    helm: bool,
) -> FileEdit | None:
    """The edit of the pod's template; None where they are written in a way that cannot be added to."""
    assert template is not None
    metadata = template.get("metadata")
    annotations = metadata.get("annotations") if metadata else None
    there = {key.value.decode("utf-8", "replace") for key, _ in annotations.entries} if annotations else set()
    settings = dict(like.settings)
    if manifest.text("kind") in ("Job", "CronJob"):
        settings[f"{HEAD}agent-pre-populate-only"] = "true"  # an agent that stays would keep the job from ending
    lines = [f"{key}: '{value}'" for key, value in settings.items() if key not in there]
    for file, variables in files.items():
        lines.append(f"{HEAD}agent-inject-secret-{file}: {_path(next(iter(variables.values())))}")
        lines.append(f"{HEAD}agent-inject-template-{file}: |")
        lines += [f"  {line}" for name, reference in variables.items() for line in _exported(name, reference, helm)]
    if annotations is not None:
        return _pods.key(sheet, annotations, lines)
    inner = [f"  {line}" for line in lines]
    if metadata is not None:
        return _pods.key(sheet, metadata, ["annotations:", *inner])
    return _pods.key(sheet, template, ["metadata:", "  annotations:", *(f"  {line}" for line in inner)])


def _path(reference: Reference) -> str:
    return f"{reference.mount}/{'data/' if reference.version == 2 else ''}{reference.path}"


def _exported(name: str, reference: Reference, helm: bool) -> list[str]:
    """The lines of the template for a variable. Nothing is exported when there is no value, rather than another one."""
    data = ".Data.data" if reference.version == 2 else ".Data"
    lines = [
        f'{{{{- with secret "{_path(reference)}" }}}}{{{{ with index {data} "{reference.field}" }}}}',
        f"""export {name}='{{{{ . | replaceAll "'" "'\\\\''" }}}}'""",
        "{{ end }}{{ end }}",
    ]
    if not helm:
        return lines
    return [_ACTION.sub(lambda action: f"{{{{ `{action[0]}` }}}}", line) for line in lines]
