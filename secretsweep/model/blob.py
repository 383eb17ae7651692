"""Content, and the literals in it."""

from typing import NamedTuple

from secretsweep.model.span import Span


class Blob(NamedTuple):
    """Content to read. `oid` is the git object id ("" outside git); the path only chooses the format."""

    oid: str
    path: str
    data: bytes


class Unit(NamedTuple):
    """One literal at one place.

    `span` covers it as written, without its quotes; `key` is its address as a person would write it
    (`resource.aws_db_instance.main.password`); `value` has escapes and encodings undone; `form` says how it
    was written (`plain`, `single`, `double`, `block`, `heredoc`); `trail` how one got from the span to the
    value (`base64`, `gzip`, …), outermost first.
    """

    span: Span
    key: str
    value: bytes
    form: str = "plain"
    trail: tuple[str, ...] = ()
