"""Exceptions that stop a command: each says what, where and the next step, and knows its exit code."""


class SecretsweepError(Exception):
    """What stops the command. The message is shown as it is; it never holds a credential."""

    exit_code = 2


class UsageError(SecretsweepError):
    """The request cannot be carried out as it was made."""


class ConfigError(SecretsweepError):
    """A configuration or baseline file is wrong: the message names file, line and key."""


class RuleError(SecretsweepError):
    """A rule is wrong: the message names file, rule and field."""


class GitError(SecretsweepError):
    """git refused: not a repository, no permission, a wrong revision."""


class IncompleteError(SecretsweepError):
    """Nothing could be scanned at all, so there is no report that could say what is missing."""

    exit_code = 3


class StoreError(SecretsweepError):
    """A secret manager refused or cannot be reached: what it was asked, what it said, the next step."""

    exit_code = 4


class TrackerError(SecretsweepError):
    """A tracker refused or cannot be reached: what it was asked, what it said, the next step."""

    exit_code = 4


class RotateError(SecretsweepError):
    """A service refused to replace a credential, or cannot be reached: what stands, and the next step."""

    exit_code = 4


class ApplyError(SecretsweepError):
    """A rewrite was refused: the file changed in between, or what it would become does not hold."""

    exit_code = 5
