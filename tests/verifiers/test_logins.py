"""Logins at real servers: live, dead, and everything that is neither."""

import os
import shutil
import ssl
from pathlib import Path
from urllib.parse import quote

import pytest
from certificates import issued
from engines import PostgreSQL
from servers import HERE, WRONG, Server, asked, net, verified

from secretsweep.verifiers import DEAD, LIVE, UNKNOWN, Answer


@pytest.fixture
def role(postgres: PostgreSQL) -> str:
    password = "Tr0ub4dor" + os.urandom(6).hex()
    postgres.sql("DROP ROLE IF EXISTS app")
    postgres.sql(f"CREATE ROLE app LOGIN PASSWORD '{password}'")
    return password


def pg(postgres: PostgreSQL, password: str, rest: str = "/postgres", user: str = "app") -> str:
    return f"DATABASE_URL=postgres://{user}:{quote(password, safe='')}@{HERE}:{postgres.port}{rest}\n"


def test_postgresql_tells_a_right_password_from_a_wrong_one(postgres: PostgreSQL, role: str) -> None:
    live = verified(pg(postgres, role))
    assert (live.state, live.who, live.status) == (LIVE, f"{HERE}:{postgres.port}", "AuthenticationOk")
    dead = verified(pg(postgres, WRONG))
    assert (dead.state, dead.status) == (DEAD, "28P01") and "does not exist is refused alike" in dead.why
    assert verified(pg(postgres, role, user="nobody")).state == DEAD


def test_a_rotated_password_is_dead(postgres: PostgreSQL, role: str) -> None:
    postgres.sql("ALTER ROLE app PASSWORD 'another-Tr0ub4dor'")
    assert verified(pg(postgres, role)).state == DEAD


def test_a_role_that_may_not_log_in_any_more_is_dead(postgres: PostgreSQL, role: str) -> None:
    postgres.sql("ALTER ROLE app NOLOGIN")
    answer = verified(pg(postgres, role))
    assert (answer.state, answer.status) == (DEAD, "28000") and "may not log in any more" in answer.why


def test_a_password_is_right_though_its_database_is_gone(postgres: PostgreSQL, role: str) -> None:
    answer = verified(pg(postgres, role, "/gone"))
    assert (answer.state, answer.status) == (LIVE, "3D000")


def test_md5_is_understood(postgres: PostgreSQL, role: str) -> None:
    data = postgres.log.parent / "data"
    rules = (data / "pg_hba.conf").read_text()
    try:
        postgres.sql("SET password_encryption = 'md5'; ALTER ROLE app PASSWORD 'older-Tr0ub4dor'")
        (data / "pg_hba.conf").write_text("host all app 127.0.0.1/32 md5\n" + rules)
        postgres.sql("SELECT pg_reload_conf()")
        assert verified(pg(postgres, "older-Tr0ub4dor")).state == LIVE
        assert verified(pg(postgres, WRONG)).state == DEAD
        (data / "pg_hba.conf").write_text("host all app 127.0.0.1/32 password\n" + rules)
        postgres.sql("SELECT pg_reload_conf()")
        answer = verified(pg(postgres, "older-Tr0ub4dor"))
        assert answer.state == UNKNOWN and "wants the password itself" in answer.why
        (data / "pg_hba.conf").write_text("host all app 127.0.0.1/32 trust\n" + rules)
        postgres.sql("SELECT pg_reload_conf()")
        answer = verified(pg(postgres, WRONG))
        assert answer.state == UNKNOWN and "without a password" in answer.why
        (data / "pg_hba.conf").write_text("host all app 127.0.0.1/32 reject\n" + rules)
        postgres.sql("SELECT pg_reload_conf()")
        answer = verified(pg(postgres, role))
        assert (answer.state, answer.status) == (UNKNOWN, "28000")
    finally:
        (data / "pg_hba.conf").write_text(rules)
        postgres.sql("SELECT pg_reload_conf()")


def test_sslmode_is_followed(postgres: PostgreSQL, role: str, tmp_path: Path) -> None:
    answer = verified(pg(postgres, role, "/postgres?sslmode=require"))
    assert answer.state == UNKNOWN and "no TLS" in answer.why
    data, paths = postgres.log.parent / "data", issued(tmp_path, "localhost")
    owner = data.stat()
    for name, source in (("server.crt", paths.certificate), ("server.key", paths.key)):
        shutil.copy(source, data / name)
        os.chown(data / name, owner.st_uid, owner.st_gid)
        (data / name).chmod(0o600)
    try:
        postgres.sql("ALTER SYSTEM SET ssl = on")
        postgres.sql("SELECT pg_reload_conf()")
        assert verified(pg(postgres, role, "/postgres?sslmode=require")).state == LIVE
        assert verified(pg(postgres, role)).state == LIVE
        answer = verified(pg(postgres, role, "/postgres?sslmode=verify-full"))
        assert answer.state == UNKNOWN and "certificate is not trusted" in answer.why
        knowing = net(HERE)
        knowing.context = ssl.create_default_context(cafile=paths.authority)
        assert verified(pg(postgres, role, "/postgres?sslmode=verify-full"), over=knowing).state == LIVE
    finally:
        postgres.sql("ALTER SYSTEM SET ssl = off")
        postgres.sql("SELECT pg_reload_conf()")


PLACES = {  # ways in which a password stands beside its server
    "app.env": "PG_HOST={host}\nPG_PORT={port}\nPG_USER=app\nPG_PASSWORD={secret}\nREDIS_HOST=x\n",
    "two.env": "PGPORT=1\nDB_PASSWORD={secret}\nX=1\nDB_HOST={host}\nDB_PORT={port}\nDB_USER=app\nDB_TYPE=postgres\n",
    "values.yaml": "db:\n  engine: postgresql\n  host: {host}\n  port: {port}\n  user: app\n  password: {secret}\n",
    "chart.yaml": "postgresql:\n  auth:\n    username: app\n    password: {secret}\n  host: {host}\n  port: {port}\n",
    "dsn.env": 'DSN="host={host} port={port} user=app password={secret} dbname=postgres"\n',
    "jdbc.properties": "url=jdbc:postgresql://{host}:{port}/postgres?user=app&password={secret}\n",
}


@pytest.mark.parametrize("path", PLACES)
def test_the_server_is_found_beside_a_password(postgres: PostgreSQL, role: str, path: str) -> None:
    for secret, state in ((role, LIVE), (WRONG, DEAD)):
        assert verified(PLACES[path].format(host=HERE, port=postgres.port, secret=secret), path).state == state


def test_a_password_file_of_postgresql_names_its_server() -> None:
    verifier, one = asked(f"db.acme.example:5432:shop:app:{WRONG}\n", ".pgpass")
    assert (verifier.PROVIDER, verifier.where(one)) == ("postgresql", "db.acme.example:5432")


def maria(server: Server, password: str, query: str = "", user: str = "app") -> str:
    return f"DATABASE_URL=mysql://{user}:{password}@{HERE}:{server.port}/shop{query}\n"


def test_mysql_tells_a_right_password_from_a_wrong_one(mariadb_server: Server) -> None:
    for query in ("", "?sslMode=DISABLED", "?ssl-mode=REQUIRED"):
        assert verified(maria(mariadb_server, mariadb_server.password, query)).state == LIVE
        dead = verified(maria(mariadb_server, WRONG, query))
        assert (dead.state, dead.status) == (DEAD, "1045") and "from here" in dead.why
    go = f"MYSQL_DSN=app:{mariadb_server.password}@tcp({HERE}:{mariadb_server.port})/shop?parseTime=true\n"
    assert verified(go).state == LIVE


def test_mysql_checks_the_certificate_when_the_url_wants_it(mariadb_server: Server) -> None:
    url = maria(mariadb_server, mariadb_server.password, "?sslMode=VERIFY_IDENTITY")
    answer = verified(url)
    assert answer.state == UNKNOWN and "certificate is not trusted" in answer.why
    assert mariadb_server.paths
    knowing = net(HERE)
    knowing.context = ssl.create_default_context(cafile=mariadb_server.paths.authority)
    assert verified(url, over=knowing).state == LIVE


def test_redis_tells_a_right_password_from_a_wrong_one(redis_server: Server) -> None:
    def said(user: str, password: str) -> Answer:
        return verified(f"REDIS_URL=redis://{user}:{password}@{HERE}:{redis_server.port}/0\n")

    for user in ("", "app", "default"):
        assert said(user, redis_server.password).state == LIVE
        dead = said(user, WRONG)
        assert (dead.state, dead.status) == (DEAD, "WRONGPASS")
    assert said("off", redis_server.password).state == DEAD
    anybody = said("open", WRONG)
    assert anybody.state == UNKNOWN and "any password" in anybody.why


SCHEMES = {
    "postgres": "DATABASE_URL=postgres://app:SECRET@HOST/shop",
    "mysql": "DATABASE_URL=mysql://app:SECRET@HOST/shop",
    "redis": "REDIS_URL=redis://app:SECRET@HOST/0",
    "mongodb": "MONGO_URL=mongodb://app:SECRET@HOST/shop",
    "amqp": "BROKER_URL=amqp://app:SECRET@HOST//",
    "smtp": "EMAIL_URL=smtp://app:SECRET@HOST",
    "smtps": "EMAIL_URL=smtps://app:SECRET@HOST",
    "rediss": "REDIS_URL=rediss://app:SECRET@HOST/0",
    "amqps": "BROKER_URL=amqps://app:SECRET@HOST//",
}
each = pytest.mark.parametrize("scheme", SCHEMES)


def of(scheme: str, host: str) -> str:
    return SCHEMES[scheme].replace("SECRET", WRONG).replace("HOST", host) + "\n"


@each
def test_an_address_beside_a_password_is_asked_only_when_it_is_named(scheme: str) -> None:
    for host, allowed in (
        ("db.acme.example:4000", ()),
        ("169.254.169.254:80", ()),
        ("169.254.169.254:80", ("db.acme.example",)),
        (f"{HERE}:4000", ("10.0.0.0/8",)),
        ("0x7f.1:4000", (HERE,)),
        ("2130706433:4000", (HERE,)),
    ):
        answer = verified(of(scheme, host), over=net(*allowed))
        assert answer.state == UNKNOWN and ("--allow-address" in answer.why or "no proper host name" in answer.why)


@each
def test_a_host_that_a_deployment_fills_in_is_not_asked(scheme: str) -> None:
    answer = verified(of(scheme, "${DB_HOST}:1"))
    assert answer.state == UNKNOWN


@each
def test_an_unreachable_server_says_nothing(scheme: str) -> None:
    from engines import free_port

    answer = verified(of(scheme, f"{HERE}:{free_port()}"))
    assert answer.state == UNKNOWN and "refused" in answer.why.lower()
