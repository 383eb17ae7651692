"""Vault against OpenBao: engines, narrow policies, and every way in that it knows."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import certificates
import hvac
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from engines import OpenBao, free_port, openbao, running, tool
from faking import Answers, Asked, Said, serving
from opener_vault import client, mounted

from secretsweep.errors import StoreError
from secretsweep.model import Reference, Secret
from secretsweep.stores import Options, Taken, vault

ABOUT = {"managed-by": "secretsweep", "rotation-due": "true", "found-in": "a.tf:1"}
VALUE = Secret(b"Tr0ub4dor-and-3")
ALL = 'path "*" { capabilities = ["create", "read", "update", "list"] }'


@pytest.fixture
def mount(bao: OpenBao) -> str:
    return mounted(bao, "kv2")


def at(mount: str, path: str = "iac/db", version: int = 2) -> Reference:
    return vault.reference(path, Options(mount=mount))._replace(version=version)


def connect(bao: OpenBao, options: Options | None = None, **environ: str) -> vault.Vault:
    return vault.connected(options or Options(), {"VAULT_ADDR": bao.url, "HOME": "/nowhere", **environ})


def narrow(bao: OpenBao, rules: str, **more: Any) -> str:
    """A token that may do this and nothing else."""
    client(bao).sys.create_or_update_policy("narrow", rules)
    return str(client(bao).auth.token.create(policies=["narrow"], **more)["auth"]["client_token"])


@pytest.mark.parametrize("variant", ["kv1", "kv2"])
def test_the_version_of_the_engine_is_found(bao: OpenBao, variant: str) -> None:
    reference = vault.reference("iac/db", Options(mount=mounted(bao, variant) + "/"))
    assert reference.version == 2
    assert connect(bao, VAULT_TOKEN=bao.token).resolved(reference).version == int(variant[-1])


@pytest.mark.parametrize("variant", ["kv1", "kv2"])
def test_a_token_that_knows_one_path_alone_still_learns_the_version(bao: OpenBao, variant: str) -> None:
    mount = mounted(bao, variant)
    token = narrow(bao, f'path "{mount}/data/iac/db" {{ capabilities = ["read"] }}')
    assert connect(bao, VAULT_TOKEN=token).resolved(at(mount)).version == int(variant[-1])


def test_where_the_token_may_not_ask_the_version_is_taken_for_two(bao: OpenBao, mount: str) -> None:
    token = narrow(bao, 'path "other/*" { capabilities = ["read"] }')
    store = connect(bao, VAULT_TOKEN=token)
    assert store.resolved(at(mount)).version == 2
    with pytest.raises(StoreError, match=rf"{mount}/data/iac/db: .*denied.*`read` on that path"):
        store.get(at(mount))


def test_a_mount_that_is_not_there_is_told_with_the_command_that_makes_it(bao: OpenBao) -> None:
    with pytest.raises(StoreError, match=r"nothing mounted at nope/.*--mount.*secrets enable -path=nope"):
        connect(bao, VAULT_TOKEN=bao.token).resolved(at("nope"))
    with pytest.raises(StoreError, match=r"nope/data/iac/db: nothing is mounted there: .*--mount"):
        connect(bao, VAULT_TOKEN=bao.token).get(at("nope"))


def test_a_mount_that_keeps_no_values_is_told(bao: OpenBao) -> None:
    client(bao).sys.enable_secrets_engine("transit", path="encrypts")
    with pytest.raises(StoreError, match="is a transit engine"):
        connect(bao, VAULT_TOKEN=bao.token).resolved(at("encrypts"))


def test_a_folder_of_a_mount_is_no_mount(bao: OpenBao, mount: str) -> None:
    with pytest.raises(StoreError, match=f"the engine is mounted at {mount};"):
        connect(bao, VAULT_TOKEN=bao.token).resolved(at(f"{mount}/team"))


@pytest.mark.parametrize("erase", ["delete_latest_version_of_secret", "destroy"])
def test_a_deleted_version_is_never_written_over(bao: OpenBao, mount: str, erase: str) -> None:
    store, kv = connect(bao, VAULT_TOKEN=bao.token), client(bao).secrets.kv.v2
    store.create(at(mount), VALUE, ABOUT)
    if erase == "destroy":
        kv.destroy_secret_versions("iac/db", [1], mount)
    else:
        kv.delete_latest_version_of_secret("iac/db", mount)
    with pytest.raises(Taken):
        store.get(at(mount))
    with pytest.raises(Taken):
        store.create(at(mount), Secret(b"another"), ABOUT)
    assert kv.read_secret_metadata("iac/db", mount)["data"]["current_version"] == 1


@pytest.mark.parametrize("fields", [{"password": "x"}, {"value": 7}, {"value": "%", "encoding": "base64"}])
def test_what_is_there_and_not_a_value_is_left_alone(bao: OpenBao, mount: str, fields: dict[str, Any]) -> None:
    kv = client(bao).secrets.kv.v2
    kv.create_or_update_secret("iac/db", fields, mount_point=mount)
    store = connect(bao, VAULT_TOKEN=bao.token)
    with pytest.raises(Taken):
        store.get(at(mount))
    with pytest.raises(Taken):
        store.create(at(mount), VALUE, ABOUT)
    answer = kv.read_secret_version("iac/db", mount_point=mount, raise_on_deleted_version=True)
    assert (answer["data"]["data"], answer["data"]["metadata"]["custom_metadata"]) == (fields, None)


def test_metadata_that_somebody_wrote_before_the_first_value_gets_ours(bao: OpenBao, mount: str) -> None:
    kv = client(bao).secrets.kv.v2
    kv.update_metadata("iac/db", mount_point=mount, custom_metadata={"owner": "shop"})
    store = connect(bao, VAULT_TOKEN=bao.token)
    assert store.get(at(mount)) is None
    store.create(at(mount), VALUE, ABOUT)
    assert store.get(at(mount)) == VALUE


def test_no_value_is_stored_by_who_may_not_say_that_it_is_to_be_rotated(bao: OpenBao, mount: str) -> None:
    token = narrow(bao, f'path "{mount}/data/*" {{ capabilities = ["create", "read"] }}')
    store = connect(bao, VAULT_TOKEN=token)
    with pytest.raises(StoreError, match=rf"wants `update` on {mount}/metadata/iac/db.*nothing was stored"):
        store.create(at(mount), VALUE, ABOUT)
    assert store.get(at(mount)) is None


def test_who_may_not_write_is_told_the_capability(bao: OpenBao, mount: str) -> None:
    rules = (
        f'path "{mount}/data/*" {{ capabilities = ["read"] }} path "{mount}/metadata/*" {{ capabilities = ["update"] }}'
    )
    with pytest.raises(StoreError, match=rf"{mount}/data/iac/db: .*denied.*`create` on that path"):
        connect(bao, VAULT_TOKEN=narrow(bao, rules)).create(at(mount), VALUE, ABOUT)


def test_what_a_writer_needs_is_create_read_and_update_of_metadata(bao: OpenBao, mount: str) -> None:
    rules = (
        f'path "{mount}/data/*" {{ capabilities = ["create", "read"] }} '
        f'path "{mount}/metadata/*" {{ capabilities = ["update"] }}'
    )
    store = connect(bao, VAULT_TOKEN=narrow(bao, rules))
    store.create(at(mount), VALUE, ABOUT)
    assert store.get(at(mount)) == VALUE


@pytest.mark.parametrize("variant", ["kv1", "kv2"])
def test_the_policy_for_readers_reads_these_paths_alone(bao: OpenBao, variant: str) -> None:
    mount, version = mounted(bao, variant), int(variant[-1])
    writer = connect(bao, VAULT_TOKEN=bao.token)
    paths = [at(mount, path, version) for path in ("iac/db", "iac/cache", "iac/db-2")]
    for reference in paths:
        writer.create(reference, VALUE, ABOUT)
    store = connect(bao, VAULT_TOKEN=narrow(bao, vault.grants(paths[:2])))
    assert [store.get(reference) for reference in paths[:2]] == [VALUE, VALUE]
    for denied in (lambda: store.get(paths[2]), lambda: store.create(at(mount, "iac/new", version), VALUE, ABOUT)):
        with pytest.raises(StoreError, match=r"denied|wants"):
            denied()


def test_a_policy_is_hcl_whatever_the_mount_is_called() -> None:
    assert vault.grants([Reference("vault", "iac/db", "value", 'a"b', 2)]) == (
        'path "a\\"b/data/iac/db" {\n  capabilities = ["read"]\n}\n'
    )


def test_a_quota_is_waited_for(bao: OpenBao, mount: str) -> None:
    store = connect(bao, VAULT_TOKEN=bao.token)
    client(bao).adapter.post("/v1/sys/quotas/rate-limit/q", json={"rate": 1, "interval": "1s", "path": mount})
    try:
        for number in range(2):
            store.create(at(mount, f"iac/{number}"), VALUE, ABOUT)
            assert store.get(at(mount, f"iac/{number}")) == VALUE
    finally:
        client(bao).adapter.delete("/v1/sys/quotas/rate-limit/q")


def test_a_quota_that_does_not_end_is_told(bao: OpenBao, mount: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = connect(bao, VAULT_TOKEN=bao.token)
    monkeypatch.setattr(vault.time, "sleep", lambda seconds: None)
    client(bao).adapter.post("/v1/sys/quotas/rate-limit/q", json={"rate": 0.01, "path": mount})
    try:
        assert store.get(at(mount)) is None
        with pytest.raises(StoreError, match=r"asked too often.*run it again later"):
            store.get(at(mount))
    finally:
        client(bao).adapter.delete("/v1/sys/quotas/rate-limit/q")


def test_a_sealed_server_is_told() -> None:
    with openbao() as own:
        store = connect(own, VAULT_TOKEN=own.token)
        client(own).sys.seal()
        with pytest.raises(StoreError, match=r"sealed.*operator unseal"):
            store.get(at("secret"))
        with pytest.raises(StoreError, match=r"sealed.*operator unseal"):
            connect(own, VAULT_TOKEN=own.token)
        store.close()


def test_a_namespace_is_a_world_of_its_own(bao: OpenBao) -> None:
    client(bao).adapter.post("/v1/sys/namespaces/team1")
    inside = hvac.Client(url=bao.url, token=bao.token, namespace="team1")
    inside.sys.enable_secrets_engine("kv", path="kv", options={"version": "2"})
    store = connect(bao, Options(namespace="team1"), VAULT_TOKEN=bao.token)
    store.create(at("kv"), VALUE, ABOUT)
    assert connect(bao, VAULT_TOKEN=bao.token, VAULT_NAMESPACE="team1").get(at("kv")) == VALUE
    with pytest.raises(StoreError, match="nothing is mounted there"):
        connect(bao, VAULT_TOKEN=bao.token).get(at("kv"))


# --- ways in ---------------------------------------------------------------------------------------------------------


def alive(bao: OpenBao, store: vault.Vault) -> bool:
    """Whether its token still is one."""
    try:
        client(bao, store._client.token).auth.token.lookup_self()
    except hvac.exceptions.Forbidden:
        return False
    return True


def comes_and_goes(bao: OpenBao, store: vault.Vault, mount: str) -> None:
    """It works, and its token does not outlive it."""
    store.create(at(mount), VALUE, ABOUT)
    assert store.get(at(mount)) == VALUE
    assert alive(bao, store)
    store.close()
    assert not alive(bao, store)


@pytest.fixture
def enabled(bao: OpenBao) -> Callable[..., None]:
    """Enables a login method, once for all tests."""

    def enable(method: str, path: str = "") -> None:
        client(bao).sys.create_or_update_policy("all", ALL)
        if f"{path or method}/" not in client(bao).sys.list_auth_methods()["data"]:
            client(bao).sys.enable_auth_method(method, path=path or method)

    return enable


def test_a_token_of_the_users_own_lives_on(bao: OpenBao, mount: str) -> None:
    token = narrow(bao, ALL)
    store = connect(bao, VAULT_TOKEN=token)
    store.close()
    assert alive(bao, store)


def test_the_token_that_vault_login_has_left_is_used_last(bao: OpenBao, mount: str, tmp_path: Path) -> None:
    (tmp_path / ".vault-token").write_text(bao.token + "\n")
    assert connect(bao, HOME=str(tmp_path)).get(at(mount)) is None
    with pytest.raises(StoreError, match="denied"):
        connect(bao, HOME=str(tmp_path), VAULT_TOKEN="wrong").get(at(mount))


def test_openbaos_own_variables_will_do(bao: OpenBao, mount: str) -> None:
    assert vault.connected(Options(), {"BAO_ADDR": bao.url, "BAO_TOKEN": bao.token}).get(at(mount)) is None


def test_approle(bao: OpenBao, mount: str, enabled: Callable[..., None], tmp_path: Path) -> None:
    enabled("approle", "machines")
    role = client(bao).auth.approle
    role.create_or_update_approle("ci", token_policies=["all"], mount_point="machines")
    role_id = role.read_role_id("ci", mount_point="machines")["data"]["role_id"]
    secret_id = role.generate_secret_id("ci", mount_point="machines")["data"]["secret_id"]
    (tmp_path / "secret-id").write_text(secret_id)
    store = connect(
        bao, VAULT_ROLE_ID=role_id, VAULT_SECRET_ID_FILE=str(tmp_path / "secret-id"), VAULT_AUTH_PATH="machines"
    )
    comes_and_goes(bao, store, mount)
    with pytest.raises(StoreError, match="refuses the login") as raised:
        connect(bao, Options(auth="approle"), VAULT_ROLE_ID=role_id, VAULT_SECRET_ID="no", VAULT_AUTH_PATH="machines")
    assert role_id not in str(raised.value)


def test_userpass(bao: OpenBao, mount: str, enabled: Callable[..., None]) -> None:
    enabled("userpass")
    client(bao).auth.userpass.create_or_update_user("ann", "C0rrect-horse-9", policies=["all"])
    comes_and_goes(bao, connect(bao, VAULT_USERNAME="ann", VAULT_PASSWORD="C0rrect-horse-9"), mount)
    with pytest.raises(StoreError, match="refuses the login") as raised:
        connect(bao, VAULT_USERNAME="ann", VAULT_PASSWORD="Wr0ng-horse-9")
    assert "Wr0ng-horse-9" not in str(raised.value) + repr(raised.value.__context__)


@pytest.fixture(scope="module")
def signer() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def public(signer: rsa.RSAPrivateKey) -> str:
    return (
        signer.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def signed(signer: rsa.RSAPrivateKey, **claims: Any) -> str:
    now = int(time.time())
    own = {"iss": "ci", "aud": "vault", "sub": "shop", "iat": now - 5, "exp": now + 600}
    return jwt.encode({**own, **claims}, signer, "RS256")


@pytest.fixture
def jwt_role(bao: OpenBao, enabled: Callable[..., None], signer: rsa.RSAPrivateKey) -> None:
    enabled("jwt")
    client(bao).auth.jwt.configure(jwt_validation_pubkeys=[public(signer)])
    role = {"role_type": "jwt", "user_claim": "sub", "bound_audiences": ["vault"], "token_policies": ["all"]}
    client(bao).adapter.post("/v1/auth/jwt/role/ci", json=role)


@pytest.mark.usefixtures("jwt_role")
@pytest.mark.parametrize("variable", ["VAULT_JWT", "VAULT_ID_TOKEN", "VAULT_JWT_FILE"])
def test_jwt(bao: OpenBao, mount: str, signer: rsa.RSAPrivateKey, tmp_path: Path, variable: str) -> None:
    token = signed(signer)
    if variable.endswith("FILE"):
        (tmp_path / "jwt").write_text(token)
        token = str(tmp_path / "jwt")
    comes_and_goes(bao, connect(bao, VAULT_AUTH_ROLE="ci", **{variable: token}), mount)


@pytest.fixture
def answering() -> Iterator[Callable[..., str]]:
    """Starts a server that answers as told; its address."""
    with ExitStack() as servers:

        def start(answers: Answers, **more: Any) -> str:
            return f"127.0.0.1:{servers.enter_context(serving(answers, **more))}"

        yield start


@pytest.mark.usefixtures("jwt_role")
def test_a_github_job_asks_for_its_token(
    bao: OpenBao, mount: str, signer: rsa.RSAPrivateKey, answering: Callable[..., str]
) -> None:
    asked = []

    def answers(request: Asked) -> Said:
        asked.append((request.path, request.headers["authorization"]))
        return Said(200, {"value": signed(signer)})

    environ = {
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"http://{answering(answers)}/token?v=1",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "runner",
        "VAULT_AUTH_ROLE": "ci",
        "VAULT_JWT_AUDIENCE": "https://vault.example",
    }
    comes_and_goes(bao, connect(bao, **environ), mount)
    assert asked == [("/token?v=1&audience=https%3A%2F%2Fvault.example", "Bearer runner")]


def test_kubernetes(
    bao: OpenBao,
    mount: str,
    enabled: Callable[..., None],
    signer: rsa.RSAPrivateKey,
    answering: Callable[..., str],
    tmp_path: Path,
) -> None:
    """The cluster that reviews the token is a fake: it says yes."""

    def answers(request: Asked) -> Said:
        assert request.path == "/apis/authentication.k8s.io/v1/tokenreviews"
        user = {"username": "system:serviceaccount:ci:runner", "uid": "7", "groups": []}
        return Said(
            201, {"kind": "TokenReview", "status": {"authenticated": True, "user": user, "audiences": ["vault"]}}
        )

    enabled("kubernetes")
    authority = Path(certificates.issued(tmp_path).authority).read_text()
    where = f"http://{answering(answers)}"
    client(bao).auth.kubernetes.configure(where, kubernetes_ca_cert=authority, token_reviewer_jwt=signed(signer))
    client(bao).auth.kubernetes.create_role("ci", ["runner"], ["ci"], policies=["all"])
    account = {"namespace": "ci", "serviceaccount": {"name": "runner", "uid": "7"}}
    claims = {"sub": "system:serviceaccount:ci:runner", "kubernetes.io": account, "aud": ["vault"]}
    (tmp_path / "token").write_text(signed(signer, **claims))
    file = str(tmp_path / "token")
    comes_and_goes(bao, connect(bao, Options(role="ci"), VAULT_KUBERNETES_TOKEN_FILE=file), mount)


@pytest.mark.parametrize(
    ("auth", "environ", "says"),
    [
        ("", {}, r"VAULT_TOKEN.*vault login.*--auth"),
        ("ldap", {}, r"--auth ldap: no such login here; there are token, approle"),
        ("approle", {}, r"VAULT_ROLE_ID"),
        ("approle", {"VAULT_ROLE_ID_FILE": "/nowhere/id"}, r"/nowhere/id: No such file"),
        ("userpass", {"VAULT_USERNAME": "ann"}, r"VAULT_PASSWORD"),
        ("jwt", {}, r"VAULT_JWT.*VAULT_ID_TOKEN"),
        ("kubernetes", {"VAULT_KUBERNETES_TOKEN_FILE": "/nowhere/token"}, r"/nowhere/token: No such file"),
        ("token", {"VAULT_CACERT": "/nowhere/ca.pem"}, r"/nowhere/ca.pem: no such file"),
    ],
)
def test_what_is_missing_to_log_in_is_told(bao: OpenBao, auth: str, environ: dict[str, str], says: str) -> None:
    with pytest.raises(StoreError, match=says):
        connect(bao, Options(auth=auth), **environ)


@pytest.mark.parametrize(("url", "says"), [("", r"--url.*VAULT_ADDR"), ("vault:8200", "begins with https://")])
def test_an_address_is_wanted(url: str, says: str) -> None:
    with pytest.raises(StoreError, match=says):
        vault.connected(Options(url=url), {})


def test_a_server_that_is_no_vault_is_told(answering: Callable[..., str]) -> None:
    for answers in (lambda asked: Said(200, ["hello"]), lambda asked: Said(404, {"hello": 1})):
        with pytest.raises(StoreError, match=r"does not answer as Vault does|lookup-self"):
            vault.connected(Options(url=f"http://{answering(answers)}"), {"VAULT_TOKEN": "x"})


def test_the_option_goes_before_the_environment(bao: OpenBao, mount: str) -> None:
    store = vault.connected(Options(url=bao.url), {"VAULT_ADDR": "http://127.0.0.1:1", "VAULT_TOKEN": bao.token})
    assert store.get(at(mount)) is None


# --- TLS -------------------------------------------------------------------------------------------------------------


def test_tls(tmp_path: Path) -> None:
    port = free_port(following=True)
    url = f"https://127.0.0.1:{port}"
    command = [tool("bao"), "server", "-dev", "-dev-tls", f"-dev-tls-cert-dir={tmp_path}", "-dev-no-store-token"]
    command += ["-dev-root-token-id=root", f"-dev-listen-address=127.0.0.1:{port}"]
    health = f"http://127.0.0.1:{port}/v1/sys/health"  # that it wants TLS is an answer, too
    with running(command, health):
        authority = str(next(path for path in tmp_path.iterdir() if path.name.endswith("ca.pem")))
        own = OpenBao(url, "root")
        with pytest.raises(StoreError, match=r"TLS failed: .*certificate verify failed.*VAULT_CACERT"):
            connect(own, VAULT_TOKEN="root")
        for environ in ({"VAULT_CACERT": authority}, {"VAULT_SKIP_VERIFY": "true"}):
            store = connect(own, VAULT_TOKEN="root", **environ)
            assert store.get(at("secret")) is None
        with pytest.raises(StoreError, match="HTTP request to an HTTPS server"):
            connect(OpenBao(url.replace("https", "http"), "root"), VAULT_TOKEN="root")


def test_a_certificate_of_our_own_is_shown(tmp_path: Path, answering: Callable[..., str]) -> None:
    """The server is a fake that wants one."""
    paths = certificates.issued(tmp_path)
    where = answering(lambda asked: Said(200, {"data": {}}), tls=paths, wanted=True)
    environ = {"VAULT_ADDR": f"https://{where}", "VAULT_CACERT": paths.authority, "VAULT_TOKEN": "x"}
    shown = environ | {"VAULT_CLIENT_CERT": paths.certificate, "VAULT_CLIENT_KEY": paths.key}
    vault.connected(Options(), shown).close()
    with pytest.raises(StoreError, match=where):
        vault.connected(Options(), environ)
