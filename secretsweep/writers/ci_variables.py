"""Other pipelines: their values come from settings outside the files, or from blocks that no edit of one value makes.
So the places are left alone, and what the vendor has for it is said.

Sources: learn.microsoft.com/azure/devops/pipelines, circleci.com/docs, support.atlassian.com/bitbucket-cloud,
docs.drone.io/secret, woodpecker-ci.org/docs, docs.travis-ci.com, buildkite.com/docs, appveyor.com/docs,
cloud.google.com/build/docs, concourse-ci.org/docs/vars.
"""

from collections.abc import Iterator, Sequence

from secretsweep import lazyre
from secretsweep.model import Change, Refusal, Spot
from secretsweep.writers import File, Tree, _sops
from secretsweep.writers._pipeline import variable

FORMATS = ("pipeline", "yaml")
PARTS = True
HOSTS = True

# the files; whose they are; what to do, with the variable's name
_VENDORS = (
    (r"azure-pipelines?(?:[.-][\w-]+)*\.ya?ml$|(?:^|/)\.azure-?pipelines/", "Azure Pipelines",
     "link a variable group to the key vault (variables: - group: …), name $({name}) where it is used, map it under "
     "env: for scripts; or make {name} a secret variable of the pipeline"),
    (r"(?:^|/)\.circleci/", "CircleCI",
     "make {name} a variable of a context, name the context in the workflow, and take the value away"),
    (r"(?:^|/)bitbucket-pipelines\.ya?ml$", "Bitbucket",
     "make {name} a secured variable of the repository or the deployment, and name ${name}"),
    (r"(?:^|/)\.drone\.ya?ml$", "Drone",
     "say {{from_secret: {lower}}} in the place of the value, and make it with `drone secret add --name {lower}`"),
    (r"(?:^|/)\.woodpecker(?:/|\.ya?ml$)", "Woodpecker",
     "say {{from_secret: {lower}}} in the place of the value, and make that secret in the repository's settings"),
    (r"(?:^|/)\.travis\.ya?ml$", "Travis CI",
     "make {name} a variable in the repository's settings (not shown in the log), or `travis encrypt {name}=…`"),
    (r"(?:^|/)\.?buildkite/|(?:^|/)buildkite\.ya?ml$", "Buildkite",
     "make {name} a secret of the cluster, and name it under secrets: in the step"),
    (r"(?:^|/)\.?appveyor\.ya?ml$", "AppVeyor", "encrypt it for the account, and say {{secure: …}} in its place"),
    (r"(?:^|/)cloudbuild(?:[.-][\w-]+)*\.ya?ml$", "Cloud Build",
     "name the secret's version under availableSecrets.secretManager as env: {name}, and that in the step's secretEnv"),
    (r"(?:^|/)concourse/", "Concourse", "say (({lower})) in its place, and keep the value where its manager looks"),
)  # fmt: skip
PATHS = lazyre.compile("|".join(f"(?:{pattern})" for pattern, *_ in _VENDORS))
_COMPILED = tuple((lazyre.compile(pattern), vendor, instead) for pattern, vendor, instead in _VENDORS)


def rewrite(spots: Sequence[Spot], file: File, tree: Tree) -> Iterator[Change | Refusal]:
    """Nothing is rewritten."""
    vendor, instead = next((vendor, instead) for pattern, vendor, instead in _COMPILED if pattern.search(file.path))
    for spot in spots:
        name = variable(_sops.words(spot.reference))
        way = instead.format(name=name, lower=name.lower())
        yield Refusal(spot, f"{vendor} keeps values outside of this file", way)
