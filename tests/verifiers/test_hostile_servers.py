"""Servers that do not behave end as `unknown`, in bounded time and memory; fakes of those that no package here has."""

import ssl
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from socket import socket

import fakes
import pytest
from certificates import issued
from fakes import PASSWORD
from questions import engine
from servers import HERE, WRONG, misbehaving, net, verified

from secretsweep.rules.placeholders import fill
from secretsweep.verifiers import DEAD, LIVE, UNKNOWN, Answer

URLS = {
    "postgresql": "DATABASE_URL=postgres://app:{secret}@{host}/shop\n",
    "mysql": "DATABASE_URL=mysql://app:{secret}@{host}/shop\n",
    "redis": "REDIS_URL=redis://app:{secret}@{host}/0\n",
    "rediss": "REDIS_URL=rediss://app:{secret}@{host}/0\n",
    "mongodb": "MONGO_URL=mongodb://app:{secret}@{host}/?authSource=admin\n",
    "amqp": "BROKER_URL=amqp://app:{secret}@{host}//\n",
    "amqps": "BROKER_URL=amqps://app:{secret}@{host}//\n",
    "smtp": "EMAIL_URL=smtp://app:{secret}@{host}\n",
    "smtps": "EMAIL_URL=smtps://app:{secret}@{host}\n",
    "basic-auth": "WIKI=http://app:{secret}@{host}/start\n",
    "vault": "VAULT_ADDR=http://{host}\nVAULT_TOKEN=" + fill("hvs.${alnum:90}", 2) + "\n",
}
CONDUCTS = [
    fakes.endless,
    fakes.dripping,
    fakes.of_another_protocol,
    fakes.huge,
    fakes.huge_postgresql,
    fakes.huge_amqp,
    fakes.huge_mysql,
    fakes.costly_scram,
    fakes.gone,
    fakes.silent,
]


@pytest.mark.parametrize("conduct", CONDUCTS, ids=lambda conduct: conduct.__name__)
@pytest.mark.parametrize("scheme", URLS)
def test_a_server_that_does_not_behave_says_nothing(scheme: str, conduct: Callable[[socket], None]) -> None:
    engine()  # is not what is measured
    with misbehaving(conduct) as port:
        started = time.monotonic()
        tracemalloc.start()
        answer = verified(URLS[scheme].format(secret=WRONG, host=f"{HERE}:{port}"), over=net(HERE, total=0.6))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert (answer.state, bool(answer.why)) == (UNKNOWN, True), answer
    assert time.monotonic() - started < 6 and most < 40 << 20


def at(conduct: Callable[[socket], None], scheme: str, secret: str, context: ssl.SSLContext | None = None) -> Answer:
    over = net(HERE)
    over.context = context or over.context
    with misbehaving(conduct) as port:
        return verified(URLS[scheme].format(secret=secret, host=f"{HERE}:{port}"), over=over)


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256", "SCRAM-SHA-1"])
def test_mongodb_tells_a_right_password_from_a_wrong_one(mechanism: str) -> None:
    assert at(fakes.mongodb(mechanism), "mongodb", PASSWORD).state == LIVE
    dead = at(fakes.mongodb(mechanism), "mongodb", WRONG)
    assert (dead.state, dead.status) == (DEAD, "18")


def test_a_server_that_takes_every_password_does_not_make_it_live() -> None:
    answer = at(fakes.mongodb(honest=False), "mongodb", WRONG)
    assert answer.state == UNKNOWN and "without knowing it" in answer.why


def test_rabbitmq_tells_a_right_password_from_a_wrong_one() -> None:
    assert at(fakes.rabbitmq(), "amqp", PASSWORD).state == LIVE
    dead = at(fakes.rabbitmq(), "amqp", WRONG)
    assert (dead.state, dead.status) == (DEAD, "403")
    assert at(fakes.rabbitmq(530), "amqp", PASSWORD).state == UNKNOWN


def test_a_mail_server_is_told_the_password_over_checked_tls_only(tmp_path: Path) -> None:
    paths = issued(tmp_path, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(paths.certificate, paths.key)
    trust = ssl.create_default_context(cafile=paths.authority)
    assert at(fakes.smtp(context), "smtp", PASSWORD, trust).state == LIVE
    dead = at(fakes.smtp(context), "smtp", WRONG, trust)
    assert (dead.state, dead.status) == (DEAD, "535")
    assert at(fakes.smtp(context, refusal=454), "smtp", WRONG, trust).state == UNKNOWN
    untrusted = at(fakes.smtp(context), "smtp", PASSWORD)
    assert untrusted.state == UNKNOWN and "not trusted" in untrusted.why
    bare = at(fakes.smtp(context, starttls=False), "smtp", PASSWORD, trust)
    assert bare.state == UNKNOWN and "no STARTTLS" in bare.why
