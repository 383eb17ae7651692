"""Whom the user lets be asked, and where: options, and the configuration of the user's own repository."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from secretsweep import verifiers
from secretsweep.config import Config
from secretsweep.errors import ConfigError, SecretsweepError, UsageError
from secretsweep.verifiers import _addresses
from secretsweep.verifiers._addresses import Allowed

OFFLINE = "offline"  # consent to nobody: what needs no network is judged


@dataclass(frozen=True, slots=True)
class Consent:
    """What was allowed. Nothing, unless it was said."""

    providers: frozenset[str] = frozenset()
    everyone: bool = False
    allowed: Allowed = field(default_factory=Allowed)
    instances: Mapping[str, str] = field(default_factory=dict)  # provider -> HOST or HOST:PORT

    def given(self, provider: str) -> bool:
        """Whether a provider may be asked; what asks nobody needs no consent."""
        return not provider or self.everyone or provider in self.providers


def of(
    config: Config,
    providers: Iterable[str] = (),
    everyone: bool = False,
    addresses: Sequence[str] = (),
    instances: Sequence[str] = (),
) -> Consent:
    """Of the configuration and the command line together. ConfigError or UsageError names what is wrong."""
    own, place = config.verify, config.place("verify")
    keys = tuple(f"{place}: verify.{key}" for key in ("providers", "addresses", "instances"))
    found = _with(Consent(everyone=everyone), own.providers, own.addresses, own.instances, ConfigError, keys)
    options = ("--provider", "--allow-address", "--instance")
    return _with(found, providers, addresses, instances, UsageError, options)


def _with(
    consent: Consent,
    providers: Iterable[str],
    addresses: Iterable[str],
    instances: Iterable[str],
    wrong: type[SecretsweepError],
    places: Sequence[str],
) -> Consent:
    named = frozenset(providers)
    for provider in sorted(named - {OFFLINE}):
        _known(provider, wrong, places[0])
    hosts = {}
    for text in instances:
        provider, _, host = text.partition("=")
        _known(provider, wrong, places[2])
        try:
            hosts[provider] = str(_addresses.parsed(host))
        except ValueError as error:
            raise wrong(f"{places[2]} {text}: {host!r} {error}; as in gitlab=gitlab.acme.io") from None
    try:
        allowed = _addresses.allowed((*addresses, *hosts.values()))
    except ValueError as error:
        raise wrong(f"{places[1]} {error}") from None
    both = Allowed(consent.allowed.addresses | allowed.addresses, (*consent.allowed.networks, *allowed.networks))
    return replace(
        consent, providers=consent.providers | named, allowed=both, instances={**consent.instances, **hosts}
    )


def _known(provider: str, wrong: type[SecretsweepError], place: str) -> None:
    known = verifiers.providers()
    if provider not in known:
        near = difflib.get_close_matches(provider, known, 1)
        hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(known)}"
        raise wrong(f"{place} {provider}: nobody who can be asked is called so{hint}")
