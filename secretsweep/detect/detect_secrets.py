"""A second opinion by detect-secrets: its plugins on candidate lines, its filters on weak findings. Its only importer.

Never on the hook's path (importing it takes longer than a whole hook run), and only when it is asked for. Left out are
its plugins for names and entropy, which judge a line without its structure and would bring back what was dismissed
for a reason, and the one for IP addresses. Nothing here calls a plugin's `verify`, which would use the network.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from secretsweep import lazyre
from secretsweep.detect.gate import Gate
from secretsweep.detect.placeholders import placeholder, token_placeholder
from secretsweep.detect.references import reference
from secretsweep.model import Rule

PREFIX = "detect-secrets/"
GUIDES = {  # plugin → how what it finds is rotated; the others' finds are API tokens of whatever service
    "AWSKeyDetector": "aws-access-key",
    "ArtifactoryDetector": "artifactory",
    "AzureStorageKeyDetector": "azure-storage-key",
    "BasicAuthDetector": "basic-auth",
    "CloudantDetector": "ibm-cloud-api-key",
    "DiscordBotTokenDetector": "discord-token",
    "GitHubTokenDetector": "github-token",
    "GitLabTokenDetector": "gitlab-token",
    "IbmCloudIamDetector": "ibm-cloud-api-key",
    "IbmCosHmacDetector": "ibm-cloud-api-key",
    "JwtTokenDetector": "jwt",
    "MailchimpDetector": "mailchimp",
    "NpmDetector": "npm-token",
    "OpenAIDetector": "openai",
    "PypiTokenDetector": "pypi-token",
    "SendGridDetector": "sendgrid",
    "SlackDetector": "slack-token",
    "SoftlayerDetector": "ibm-cloud-api-key",
    "SquareOAuthDetector": "square",
    "StripeDetector": "stripe",
    "TelegramBotTokenDetector": "telegram-bot",
    "TwilioKeyDetector": "twilio",
}
_LEFT_OUT = frozenset(
    "KeywordDetector Base64HighEntropyString HexHighEntropyString IPPublicDetector PrivateKeyDetector".split()
)
_LONGEST = 2000  # characters of a line: its expressions backtrack
_NAME = lazyre.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_ASSIGNED = r"[\w\-]{0,16}(?:key|pwd|pw|password|pass|token)[\"'\])]{0,3} {0,8}[:=]"
# what a line holds on which a plugin could find something that no rule of ours gates
_GATES = (
    r"\bAKC[a-zA-Z0-9]{10}",
    r"\bAP[0-9A-F][a-zA-Z0-9]{8}",
    rf"(?i)\b(?:softlayer|sl[_\-]?api|cl(?:oudant|ou)?[_\-]|ibm|iam|cloud){_ASSIGNED}",
    r"(?i)api\.softlayer\.com/soap/",
    r"\bSK[a-z0-9]{32}",
    r"(?i)://[\w\-]{1,64}:[0-9a-z]{24,64}@[\w\-]{1,64}\.cloudant\.com",
)


class Second:
    """The plugins and filters, loaded once; what they find is a match of the rule `detect-secrets/PLUGIN`."""

    def __init__(self, disabled: Iterable[str] = ()) -> None:
        without = set(disabled)
        self._plugins = {name: found for name, found in _plugins() if found[0].id not in without}
        self._filters = tuple(_filters())
        self.rules = {rule.id: rule for rule in (rule for rule, _ in self._plugins.values())}
        self.gates = tuple(Gate(pattern, "second", "") for pattern in _GATES)

    def found(self, line: str) -> Iterator[tuple[Rule, str]]:
        """What the plugins find on a line, each value once a rule; references and placeholders are none."""
        if len(line) > _LONGEST:
            return
        seen = set()
        for rule, plugin in self._plugins.values():
            for match in plugin.analyze_string(line):
                value = match.strip(" \t=:\"'")  # some expressions take their surroundings along
                if (rule.id, value) not in seen and not (
                    reference(value) or placeholder(value) or token_placeholder(value)
                ):
                    seen.add((rule.id, value))
                    yield rule, value

    def dismissal(self, path: str, line: str, value: str) -> str:
        """The filter that says a weak finding is none, or ""."""
        if len(line) > _LONGEST:
            return ""
        return next((f"detect-secrets: {name}" for name, says in self._filters if says(path, line, value)), "")


def _plugins() -> Iterator[tuple[str, tuple[Rule, Any]]]:
    _silenced()
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class

    found: dict[str, Any] = get_mapping_from_secret_type_to_class()
    for said, plugin in sorted(found.items()):
        if plugin.__name__ not in _LEFT_OUT:
            yield plugin.__name__, (_rule(plugin.__name__, said), plugin())


def _rule(plugin: str, said: str) -> Rule:
    name = "-".join(_NAME.split(plugin.removesuffix("Detector"))).lower()
    return Rule(
        id=PREFIX + name,
        name=f"{said} (detect-secrets)",
        provider="",
        kind="api-token",
        severity="medium",
        confidence="low",
        pattern="",
        keys=".",  # no prefix of it may be shown
        generic=True,  # any rule of ours tells more
        guide=GUIDES.get(plugin, "api-token"),
        source="detect-secrets",
    )


def _filters() -> Iterator[tuple[str, Callable[[str, str, str], bool]]]:
    _silenced()
    from detect_secrets.filters import heuristic as says

    yield "a sequence of characters", lambda path, line, value: says.is_sequential_string(value)
    yield "a UUID", lambda path, line, value: says.is_potential_uuid(value)
    yield "the key is of an id", lambda path, line, value: says.is_likely_id_string(value, line)
    yield "a template", lambda path, line, value: says.is_templated_secret(value)
    yield "a variable", lambda path, line, value: says.is_prefixed_with_dollar_sign(value)
    yield "an indirect reference", lambda path, line, value: says.is_indirect_reference(line)
    yield "a lock file", lambda path, line, value: says.is_lock_file(path)
    yield "a file of no text", lambda path, line, value: says.is_non_text_file(path)
    yield "no letter in it", lambda path, line, value: says.is_not_alphanumeric_string(value)
    yield "a Swagger file", lambda path, line, value: says.is_swagger_file(path)


def _silenced() -> None:
    """Its logger writes values to standard error, and catching warnings is not its business."""
    from detect_secrets.core.log import log

    log.handlers = []
    log.propagate = False
    log.disabled = True
    logging.captureWarnings(False)
