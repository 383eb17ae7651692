"""The command's work: find the values anew, ask about each once, worst first."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from secretsweep import config as settings_of
from secretsweep import verifiers
from secretsweep.app import accepted
from secretsweep.app import audit as auditing
from secretsweep.app import scan as scanning
from secretsweep.app.verifying import consent as consenting
from secretsweep.app.verifying.consent import Consent
from secretsweep.app.verifying.judging import Question, judged, question, verifiers_of
from secretsweep.app.verifying.places import Places, in_history, on_disk
from secretsweep.detect.engine import Engine
from secretsweep.detect.gate import cache_folder
from secretsweep.errors import UsageError
from secretsweep.git import repository as repositories
from secretsweep.model import CONFIDENCES, Credential, Report, Skip
from secretsweep.reports import _saved
from secretsweep.rules._cache import in_force
from secretsweep.verifiers import LIVE, UNKNOWN, Answer
from secretsweep.verifiers._net import TOTAL, Net
from secretsweep.verifiers._proxy import Proxy


@dataclass(frozen=True, slots=True)
class Request:
    """What to verify, and whom that may be asked."""

    paths: tuple[str, ...] = ()
    history: bool = False
    wanted: tuple[str, ...] = ()  # ids, or their beginnings
    saved: str | None = None  # a report: its credentials, found anew
    providers: tuple[str, ...] = ()
    everyone: bool = False
    addresses: tuple[str, ...] = ()
    instances: tuple[str, ...] = ()
    proxy: str = ""
    timeout: float = TOTAL
    config: str | None = None
    dry: bool = False  # say what would be asked, and send nothing
    jobs: int = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """A credential, what was or would be asked about it, and the answer (None: nothing was sent, in a dry run)."""

    credential: Credential
    question: Question
    consented: bool
    answer: Answer | None = None

    @property
    def asked(self) -> bool:
        """Whether the user wanted it to be judged, and somebody can."""
        return self.question.verifier is not None and self.consented


@dataclass(frozen=True, slots=True)
class Result:
    """Verdicts, worst credential first."""

    report: Report
    verdicts: tuple[Verdict, ...]
    gone: tuple[str, ...] = ()  # ids of a saved report that are not found any more
    named: bool = False  # single credentials were asked for
    unread: tuple[Skip, ...] = ()
    interrupted: bool = False  # ctrl-C ended it early

    @property
    def live(self) -> bool:
        return any(v.answer is not None and v.answer.state == LIVE for v in self.verdicts)

    @property
    def open(self) -> bool:
        """Whether something that was asked for is not known."""
        wanted = (verdict for verdict in self.verdicts if verdict.asked or self.named)
        unknown = any(verdict.answer is None or verdict.answer.state == UNKNOWN for verdict in wanted)
        return unknown or bool(self.gone) or bool(self.unread)


def verified(request: Request, progress: scanning.Progress, net: Callable[[Consent], Net] | None = None) -> Result:
    """Find, ask, judge. UsageError or ConfigError say what is wrong; `net` makes the network."""
    config = settings_of.merged(settings_of.read(*_configured(request.config)), os.environ)
    consent = consenting.of(config, request.providers, request.everyone, request.addresses, request.instances)
    if not (request.dry or consent.everyone or consent.providers):
        some = ",".join(verifiers.providers()[:3])
        raise UsageError(
            f"--provider: nobody is asked without your consent: name them ({some},…; offline for what needs no "
            "network) or say --all-providers; --dry-run shows who could be asked"
        )
    network = (net or (lambda given: _net(request, given)))(consent)
    saved = _saved.read(Path(request.saved)) if request.saved else None
    if saved is not None and saved.target.kind == "history" and not request.history:
        return verified(replace(request, history=True), progress, net)
    with ExitStack() as closing:
        report, places = _found(request, saved, progress, closing)
        chosen = _chosen(report, request.wanted, saved, config.min_confidence)
        verdicts: list[Verdict] = []
        interrupted = False
        try:
            for verdict in _verdicts(chosen, places, consent, network, request.dry):
                verdicts.append(verdict)  # noqa: PERF402 - what was answered before ctrl-C is told
        except KeyboardInterrupt:
            interrupted = True
    there = {credential.id for credential in report.credentials}
    wanted = [c.id for c in saved.credentials] if saved else []
    gone = tuple(id_ for id_ in wanted if id_ not in there and _named(id_, request.wanted))
    unread = report.coverage.left_out(config.allow_incomplete)
    return Result(report, tuple(verdicts), gone, bool(request.wanted), unread, interrupted)


def _configured(file: str | None) -> tuple[Path, Path | None]:
    """Where the user's own configuration is: never in a repository that is only looked at."""
    home = accepted.started_in()
    return (home.top if home else None) or Path("."), Path(file) if file else None


def _net(request: Request, consent: Consent) -> Net:
    try:
        proxy = Proxy.of(request.proxy, os.environ)
    except ValueError as error:
        raise UsageError(f"--proxy or HTTPS_PROXY: {error}") from None
    return Net(allowed=consent.allowed, proxy=proxy, total=request.timeout)


def _found(
    request: Request, saved: Report | None, progress: scanning.Progress, closing: ExitStack
) -> tuple[Report, Places]:
    """The credentials, with their values, and where they stand."""
    paths = request.paths or ((saved.target.path,) if saved else (".",))
    if request.history:
        return _audited(request, paths, progress, closing)
    for path in paths:
        if not os.path.lexists(path):
            raise UsageError(f"{path}: no such file or folder")
    own = accepted.settings(None, request.config, True, {})
    rules = in_force(cache_folder(), own.rules, own.config.disable_rules)
    home = accepted.started_in()
    report = scanning.scan(
        scanning.Request(
            rules.rules,
            rules.digest,
            paths=paths,
            trusted=own.trusted,
            cache=cache_folder(),
            largest=own.config.max_file_size,
            disabled=own.config.disable_rules,
            identity=own.identity or (home.identity() if home else b"secretsweep"),
        ),
        progress,
    )
    return own.applied(report, whole=False), Places(Engine(rules.rules, cache_folder(), own.trusted), on_disk)


def _audited(
    request: Request, paths: Sequence[str], progress: scanning.Progress, closing: ExitStack
) -> tuple[Report, Places]:
    if len(paths) != 1:
        raise UsageError("--history: one repository at a time")
    repository = closing.enter_context(repositories.opened(paths[0]))
    own = accepted.settings(repository, request.config, False, {})
    rules = in_force(cache_folder(), own.rules, own.config.disable_rules)
    report, interrupted = auditing.audit(
        repository,
        auditing.Request(
            rules.rules,
            rules.digest,
            jobs=request.jobs,
            trusted=own.trusted,
            cache=cache_folder(),
            largest=own.config.max_file_size,
            identity=own.identity,
            disabled=own.config.disable_rules,
        ),
        progress,
    )
    if interrupted:
        raise KeyboardInterrupt
    read, close = in_history(repository.git)
    closing.callback(close)
    return own.applied(report, whole=False), Places(Engine(rules.rules, cache_folder(), own.trusted), read)


def _chosen(report: Report, wanted: Sequence[str], saved: Report | None, least: str) -> Sequence[Credential]:
    """What to ask about: the worst first, as reports have it."""
    for beginning in wanted:
        every = (*report.credentials, *(saved.credentials if saved else ()))
        if not any(credential.id.startswith(beginning) for credential in every):
            raise UsageError(f"{beginning}: no credential here has an id that begins so")
    ids = {credential.id for credential in saved.credentials} if saved else None
    return [
        credential
        for credential in report.credentials
        if len(credential.secret)
        and CONFIDENCES.index(credential.confidence) <= CONFIDENCES.index(least)
        and (ids is None or credential.id in ids)
        and _named(credential.id, wanted)
    ]


def _named(id_: str, wanted: Sequence[str]) -> bool:
    return not wanted or any(id_.startswith(beginning) for beginning in wanted)


def _verdicts(
    credentials: Sequence[Credential], places: Places, consent: Consent, net: Net, dry: bool
) -> Iterator[Verdict]:
    for credential in credentials:
        able = verifiers_of(credential)
        wanted = not able or any(consent.given(verifier.PROVIDER) for verifier, _ in able)
        looked = wanted or dry or len(able) > 1  # of several the one that fits is told by what stands beside it
        asking = question(credential, places.of(credential) if looked else (), consent)
        consented = asking.verifier is None or consent.given(asking.provider)
        yield Verdict(credential, asking, consented, None if dry else judged(asking, consent, net))
