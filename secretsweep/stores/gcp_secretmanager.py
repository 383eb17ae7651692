"""Google Secret Manager: a secret whose newest version's payload is the value, byte for byte.

A secret is made once, the service refuses a second one; its value is a version of it, added in a second request. What
is left between the two by a run that ended there, is labelled as ours and has no version: the next run finishes it.

It speaks REST, which goes through the proxies that everything else goes through.
https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets
"""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from secretsweep.errors import StoreError
from secretsweep.model import Reference, Secret
from secretsweep.stores import Options, Taken, _names
from secretsweep.stores._library import needed

NAME = "gcp-secretmanager"
NEEDS = "gcp"
LIMIT = 65_536  # bytes of a payload
LONGEST = 245  # of 255 characters of a name, so that a number fits behind it
_ODD = re.compile(r"[^A-Za-z0-9_-]+")
_LABEL = re.compile(r"[a-z0-9_-]{1,63}")
_OURS = ("managed-by", "secretsweep")
_SHUT = re.compile(r"is in (?:DISABLED|DESTROYED) state")
_LOGIN = "`gcloud auth application-default login`, or GOOGLE_APPLICATION_CREDENTIALS"


def fitted(path: str) -> str:
    """Letters, digits, `_` and `-`."""
    return _names.flat(path, _ODD, LONGEST)


def reference(path: str, options: Options) -> Reference:
    """In the project that was named; the connection knows it else."""
    return Reference(NAME, path, scope=options.project)


def connected(options: Options, environ: Mapping[str, str]) -> "SecretManager":
    """With Google's default credentials."""
    with needed(NAME, NEEDS):
        import google.auth
        from google.api_core.exceptions import GoogleAPIError
        from google.auth.exceptions import GoogleAuthError
        from google.cloud import secretmanager_v1 as library
    failures = (GoogleAPIError, GoogleAuthError, OSError)
    where = {"api_endpoint": options.url} if options.url else {}
    problem = ""
    try:
        credentials, own = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
        client = library.SecretManagerServiceClient(credentials=credentials, transport="rest", client_options=where)
    except (*failures, ValueError) as error:
        problem = " ".join(str(error).split())[:300]
    if problem:
        raise StoreError(f"{NAME}: no valid login: {problem}; {_LOGIN}")
    for name in ("google", *(n for n in logging.root.manager.loggerDict if n.startswith("google."))):
        logging.getLogger(name).setLevel(logging.INFO)  # its debug log holds payloads
    project = options.project or environ.get("GOOGLE_CLOUD_PROJECT") or own
    if not project:
        raise StoreError(f"{NAME}: which project? Say --project, or set GOOGLE_CLOUD_PROJECT")
    return SecretManager(client, str(project), _replication(options), failures, options.url)


def grants(references: Sequence[Reference]) -> str:
    """Bindings with Google's own command, each on one secret."""
    lines = []
    for project, name in sorted({(reference.scope or "PROJECT", reference.path) for reference in references}):
        lines.append(
            f"gcloud secrets add-iam-policy-binding {name} --project={project} "
            "--role=roles/secretmanager.secretAccessor --member=MEMBER\n"
        )
    return "".join(lines)


def _replication(options: Options) -> Mapping[str, Any]:
    """Wherever Google likes, or in one region; with a key where one is named."""
    key = {"customer_managed_encryption": {"kms_key_name": options.key}} if options.key else {}
    if options.region:
        return {"user_managed": {"replicas": [{"location": options.region, **key}]}}
    return {"automatic": key}


class SecretManager:
    """A connection to one project."""

    def __init__(
        self, client: Any, project: str, replication: Mapping[str, Any], failures: tuple[type[Exception], ...], url: str
    ) -> None:
        self._client = client
        self._project = project
        self._replication = replication
        self._failures = failures
        self._url = url or "secretmanager.googleapis.com"

    def get(self, reference: Reference) -> Secret | None:
        """Taken also where the newest version is disabled, or a secret of somebody else has none."""
        name = self._name(reference)
        found, problem = self._try(lambda: self._client.access_secret_version(name=f"{name}/versions/latest"))
        if problem is None:
            return Secret(bytes(found.payload.data))
        if _SHUT.search(str(problem)):
            raise Taken
        if _code(problem) != 404:
            raise self._explained(problem, f"secretmanager.versions.access on {name}")
        empty, _ = self._try(lambda: self._client.get_secret(name=name))
        if empty is not None and not _ours(empty):
            raise Taken
        return None

    def create(self, reference: Reference, secret: Secret, about: Mapping[str, str]) -> None:
        if len(secret) > LIMIT:
            raise StoreError(f"{NAME}: {reference}: the value is too large: {len(secret)} bytes, of {LIMIT} allowed")
        if self.get(reference) is not None:
            raise Taken
        name, parent = self._name(reference), f"projects/{self._project}"
        made = {"replication": self._replication, **_about(about, secret)}
        asked = {"parent": parent, "secret_id": reference.path, "secret": made}
        _, problem = self._try(lambda: self._client.create_secret(request=asked))
        if problem is not None and _code(problem) != 409:
            raise self._explained(problem, f"secretmanager.secrets.create on {parent}")
        if problem is not None:
            empty, _ = self._try(lambda: self._client.get_secret(name=name))
            if empty is None or not _ours(empty) or self.get(reference) is not None:
                raise Taken
        payload = {"parent": name, "payload": {"data": secret.reveal()}}
        _, problem = self._try(lambda: self._client.add_secret_version(request=payload))
        if problem is not None:
            raise self._explained(problem, f"secretmanager.versions.add on {name}", secret)

    def advance(self, reference: Reference, old: Secret, new: Secret) -> None:
        """Older versions stay enabled. There is no check-and-set: it is read directly before."""
        if len(new) > LIMIT:
            raise StoreError(f"{NAME}: {reference}: the value is too large: {len(new)} bytes, of {LIMIT} allowed")
        if self.get(reference) != old:
            raise Taken
        name = self._name(reference)
        payload = {"parent": name, "payload": {"data": new.reveal()}}
        _, problem = self._try(lambda: self._client.add_secret_version(request=payload))
        if problem is not None:
            raise self._explained(problem, f"secretmanager.versions.add on {name}", new)

    def resolved(self, reference: Reference) -> Reference:
        """With the project."""
        return reference._replace(scope=reference.scope or self._project)

    def close(self) -> None:
        self._client.transport.close()

    def _name(self, reference: Reference) -> str:
        if reference.scope and reference.scope != self._project:
            raise StoreError(f"{NAME}: {reference} is in {reference.scope}: say --project {reference.scope}")
        return f"projects/{self._project}/secrets/{reference.path}"

    def _try(self, call: Callable[[], Any]) -> tuple[Any, Exception | None]:
        """The answer, or what was raised: outside of its handler, so that nothing raised later hangs on it."""
        try:
            return call(), None
        except self._failures as error:
            return None, error

    def _explained(self, error: Exception, asked: str, secret: Secret | None = None) -> StoreError:
        said = " ".join(str(getattr(error, "message", None) or error).split())[:500]
        said = secret.masked_in(said) if secret else said
        code = _code(error)
        if code == 401 or type(error).__name__ in ("RefreshError", "DefaultCredentialsError"):
            return StoreError(f"{NAME}: no valid login: {said}; {_LOGIN}")
        if not code:
            return StoreError(f"{NAME}: {self._url} cannot be reached: {said}; is --url right?")
        if code == 429:
            return StoreError(f"{NAME}: {self._url} is asked too often: {said}; run it again later")
        return StoreError(f"{NAME}: {asked}: {said}")


def _ours(secret: Any) -> bool:
    """Whether a secret without a version is one that a run of ours has not finished."""
    return bool(secret.labels.get(_OURS[0]) == _OURS[1])


def _about(about: Mapping[str, str], secret: Secret) -> dict[str, dict[str, str]]:
    """As labels what can be one, the rest as annotations."""
    said = {name: secret.masked_in(value) for name, value in about.items()}
    labels = {name: value for name, value in said.items() if _LABEL.fullmatch(value)}
    return {"labels": labels, "annotations": {name: value for name, value in said.items() if name not in labels}}


def _code(error: Exception) -> int:
    """The HTTP status; 0 when nobody answered."""
    return int(getattr(error, "code", None) or 0)
