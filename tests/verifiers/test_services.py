"""Services that are asked over HTTP in more than one step: real ones behind the vendors' names, else local ones."""

import json
import urllib.request
from base64 import b64decode, b64encode, urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import hvac
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from engines import Moto, OpenBao
from servers import WRONG, net, relayed, verified
from vendors import Sent, Vendors, said

from secretsweep.rules.placeholders import fill
from secretsweep.verifiers import DEAD, LIVE, UNKNOWN, Answer

PASSWORD = fill("${alnum:24}", 41)


@pytest.fixture
def key(aws: Moto, vendors: Vendors) -> Iterator[tuple[str, str]]:
    """An access key that moto knows; it refuses all others from then on."""
    import boto3

    iam = boto3.client("iam", "us-east-1", endpoint_url=aws.url, aws_access_key_id="x", aws_secret_access_key="x")
    iam.create_user(UserName="deploy")
    made = iam.create_access_key(UserName="deploy")["AccessKey"]
    vendors.answers = lambda sent: relayed(sent.raw, int(aws.url.rpartition(":")[2]))
    checking(aws, "0")
    yield made["AccessKeyId"], made["SecretAccessKey"]
    checking(aws, "inf")


def checking(aws: Moto, after: str) -> None:
    request = urllib.request.Request(f"{aws.url}/moto-api/reset-auth", after.encode(), {"Content-Type": "text/plain"})
    urllib.request.urlopen(request, timeout=30).close()


def aws_file(key_id: str, secret: str, more: str = "") -> str:
    return f"AWS_ACCESS_KEY_ID={key_id}\nAWS_SECRET_ACCESS_KEY={secret}\n{more}"


def test_aws_knows_a_key_and_whose_it_is(vendors: Vendors, key: tuple[str, str]) -> None:
    answer = verified(aws_file(*key), over=vendors.net())
    assert (answer.state, answer.who) == (LIVE, "sts.us-east-1.amazonaws.com") and "123456789012" in answer.why
    (sent,) = vendors.sent
    assert key[1] not in sent.raw.decode() and "AWS4-HMAC-SHA256" in sent.headers["authorization"]


def test_aws_is_dead_when_every_partition_knows_no_such_id(vendors: Vendors, key: tuple[str, str]) -> None:
    answer = verified(aws_file(fill("AKIA${base32:16}", 1), key[1]), over=vendors.net())
    assert (answer.state, answer.status) == (DEAD, "InvalidClientTokenId")
    assert [sent.host for sent in vendors.sent] == [
        "sts.us-east-1.amazonaws.com",
        "sts.us-gov-west-1.amazonaws.com",
        "sts.cn-north-1.amazonaws.com.cn",
    ]


def test_aws_with_another_secret_for_a_known_id_says_nothing(vendors: Vendors, key: tuple[str, str]) -> None:
    answer = verified(aws_file(key[0], fill("${base64:40}", 3)), over=vendors.net())
    assert (answer.state, answer.status) == (UNKNOWN, "SignatureDoesNotMatch")


def test_a_temporary_aws_key_is_asked_about_with_its_session_token(vendors: Vendors) -> None:
    ids = fill("ASIA${base32:16}", 4), fill("${base64:40}", 5)
    answer = verified(aws_file(*ids), over=vendors.net())
    assert answer.state == UNKNOWN and "session token" in answer.why and vendors.sent == []
    error = b"<ErrorResponse><Error><Code>ExpiredToken</Code></Error></ErrorResponse>"
    vendors.answers = lambda sent: said(403, error)
    token = fill("IQoJb3JpZ2luX2Vj${base64:300}", 6)
    answer = verified(aws_file(*ids, f"AWS_SESSION_TOKEN={token}\n"), over=vendors.net())
    assert (answer.state, answer.status, len(vendors.sent)) == (DEAD, "ExpiredToken", 1)
    assert vendors.sent[0].headers["x-amz-security-token"] == token


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b"<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>",
        b'<!DOCTYPE a [<!ENTITY a "InvalidClientTokenId">]><E><Code>&a;</Code></E>',
        b"<E>" * 9000,
    ],
)
def test_what_aws_says_otherwise_says_nothing(vendors: Vendors, content: bytes) -> None:
    vendors.answers = lambda sent: said(403, content)
    ids = fill("AKIA${base32:16}", 4), fill("${base64:40}", 5)
    assert verified(aws_file(*ids), over=vendors.net()).state == UNKNOWN


def vault(bao: OpenBao, token: str, more: str = "") -> Answer:
    return verified(f"VAULT_ADDR={bao.url}\nVAULT_TOKEN={token}\n{more}")


def test_vault_knows_its_tokens(bao: OpenBao) -> None:
    client = hvac.Client(bao.url, bao.token)
    token = client.auth.token.create(policies=["default"], ttl="5m")["auth"]["client_token"]
    assert (live := vault(bao, token)).state == LIVE and live.status == "200"
    client.auth.token.revoke(token)
    assert vault(bao, token).state == DEAD


def test_a_vault_token_without_policies_is_not_called_dead(bao: OpenBao) -> None:
    client = hvac.Client(bao.url, bao.token)
    client.sys.create_or_update_policy("nothing", 'path "secret/none" { capabilities = ["read"] }')
    token = client.auth.token.create(policies=["nothing"], no_default_policy=True, ttl="5m")["auth"]["client_token"]
    answer = vault(bao, token)
    assert answer.state == UNKNOWN and "policies" in answer.why


def test_a_vault_at_an_address_that_was_not_named_is_not_asked(bao: OpenBao) -> None:
    token = fill("hvs.${alnum:90}", 2)
    answer = verified(f"VAULT_ADDR={bao.url}\nVAULT_TOKEN={token}\n", over=net())
    assert answer.state == UNKNOWN and "--allow-address" in answer.why
    answer = verified(f"VAULT_TOKEN={token}\n")
    assert answer.state == UNKNOWN and "address of the server" in answer.why


def test_an_approle_logs_in_once_and_leaves_no_token(bao: OpenBao) -> None:
    client = hvac.Client(bao.url, bao.token)
    if "approle/" not in client.sys.list_auth_methods()["data"]:
        client.sys.enable_auth_method("approle")
    client.auth.approle.create_or_update_approle("verify", token_policies=["default"], secret_id_num_uses=2)
    role = client.auth.approle.read_role_id("verify")["data"]["role_id"]
    secret = client.auth.approle.generate_secret_id("verify")["data"]["secret_id"]
    before = len(client.list("auth/token/accessors")["data"]["keys"])

    def asked(value: str) -> Answer:
        return verified(f"VAULT_ADDR={bao.url}\nVAULT_ROLE_ID={role}\nVAULT_SECRET_ID={value}\n")

    assert asked(secret).state == LIVE
    assert len(client.list("auth/token/accessors")["data"]["keys"]) == before
    client.auth.approle.destroy_secret_id("verify", secret)
    assert asked(secret).state == DEAD
    lost = verified(f"VAULT_ADDR={bao.url}\nVAULT_ROLE_ID={role}\nVAULT_SECRET_ID={secret}\nAPPROLE_PATH=other\n")
    assert lost.state == UNKNOWN


def gcp_file(pem: str, email: str = "deploy@acme-1.iam.gserviceaccount.com") -> str:
    account = {"type": "service_account", "private_key_id": "0123456789abcdef0123456789abcdef01234567"}
    return json.dumps(
        account | {"private_key": pem, "client_email": email, "token_uri": "https://evil.example/"}, indent=1
    )


@pytest.fixture(scope="module")
def google_key() -> tuple[rsa.RSAPrivateKey, str]:
    made = rsa.generate_private_key(65537, 2048)
    kind, encoding = serialization.PrivateFormat.PKCS8, serialization.Encoding.PEM
    return made, made.private_bytes(encoding, kind, serialization.NoEncryption()).decode()


def test_google_is_asked_with_a_signed_word_and_never_elsewhere(
    vendors: Vendors, google_key: tuple[rsa.RSAPrivateKey, str]
) -> None:
    vendors.says(200, {"access_token": "ya29.x", "expires_in": 3599})
    answer = verified(gcp_file(google_key[1]), "key.json", over=vendors.net())
    assert (answer.state, answer.who) == (LIVE, "oauth2.googleapis.com")
    (sent,) = vendors.sent
    (assertion,) = parse_qs(sent.body.decode())["assertion"]
    signed, _, signature = assertion.rpartition(".")
    raw = urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    google_key[0].public_key().verify(raw, signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    claims = json.loads(urlsafe_b64decode(signed.split(".")[1] + "=="))
    assert claims["iss"] == "deploy@acme-1.iam.gserviceaccount.com" and claims["aud"].startswith(
        "https://oauth2.googleapis"
    )


@pytest.mark.parametrize(
    ("error", "description", "state"),
    [
        ("invalid_grant", "Invalid JWT Signature.", DEAD),
        ("invalid_grant", "Invalid grant: account not found", DEAD),
        ("invalid_client", "The OAuth client was disabled.", DEAD),
        ("invalid_grant", "Invalid JWT: Token must be a short-lived token", UNKNOWN),
        ("invalid_scope", "", UNKNOWN),
    ],
)
def test_what_google_refuses_is_dead_when_it_is_the_key(
    vendors: Vendors, google_key: tuple[rsa.RSAPrivateKey, str], error: str, description: str, state: str
) -> None:
    vendors.says(400, {"error": error, "error_description": description})
    assert verified(gcp_file(google_key[1]), "key.json", over=vendors.net()).state == state


def docker_file(host: str, user: str = "bot", password: str = PASSWORD) -> str:
    return json.dumps({"auths": {host: {"auth": b64encode(f"{user}:{password}".encode()).decode()}}}, indent=1)


def registry(realm: str, good: str) -> Any:
    """As the distribution specification has it."""

    def answer(sent: Sent) -> bytes:
        login = sent.headers.get("authorization", "").removeprefix("Basic ")
        right = bool(login) and b64decode(login).decode() == good
        if sent.path == "/v2/" and realm == "basic":
            return said(200, {}) if right else said(401, {}, {"WWW-Authenticate": 'Basic realm="r"'})
        if sent.path == "/v2/":
            return said(401, {}, {"WWW-Authenticate": f'Bearer realm="{realm}",service="registry"'})
        return said(200, {"token": "t"}) if right else said(401, {})

    return answer


@pytest.mark.parametrize(
    ("written", "host", "realm"),
    [
        ("https://index.docker.io/v1/", "registry-1.docker.io", "https://auth.docker.io/token"),
        ("ghcr.io", "ghcr.io", "https://ghcr.io/token"),
        ("reg.acme.example:5000", "reg.acme.example", "basic"),
    ],
)
def test_a_registry_says_who_knows_its_logins(vendors: Vendors, written: str, host: str, realm: str) -> None:
    for good, state in ((f"bot:{PASSWORD}", LIVE), ("bot:other", DEAD)):
        vendors.sent.clear()
        vendors.answers = registry(realm, good)
        answer = verified(docker_file(written), "config.json", over=vendors.net("reg.acme.example"))
        assert answer.state == state, answer
        assert vendors.sent[0].host == host and "authorization" not in vendors.sent[0].headers
        assert vendors.sent[1].host == (urlsplit(realm).hostname or host)


@pytest.mark.parametrize(
    "realm", ["https://evil.example/token", "http://ghcr.io/token", "https://169.254.169.254/", "x"]
)
def test_a_registry_does_not_send_a_login_elsewhere(vendors: Vendors, realm: str) -> None:
    vendors.answers = registry(realm, f"bot:{PASSWORD}")
    answer = verified(docker_file("ghcr.io"), "config.json", over=vendors.net())
    assert answer.state == UNKNOWN and len(vendors.sent) == 1


def test_a_registry_that_was_not_named_is_not_asked(vendors: Vendors) -> None:
    answer = verified(docker_file("reg.acme.example"), "config.json", over=vendors.net())
    assert answer.state == UNKNOWN and "--allow-address" in answer.why and vendors.sent == []


URL = f"WIKI=https://deploy:{PASSWORD}@wiki.acme.example/start\n"


@pytest.mark.parametrize(
    ("without", "with_", "state"),
    [
        (401, 200, LIVE),
        (401, 401, DEAD),
        (200, 200, UNKNOWN),
        (401, 403, UNKNOWN),
        (302, 200, UNKNOWN),
        (401, 302, UNKNOWN),
    ],
)
def test_a_page_behind_a_password_is_asked_twice(vendors: Vendors, without: int, with_: int, state: str) -> None:
    challenge = {"WWW-Authenticate": 'Basic realm="wiki"', "Location": "https://evil.example/"}
    vendors.answers = lambda sent: said(with_ if "authorization" in sent.headers else without, b"", challenge)
    answer = verified(URL, over=vendors.net("wiki.acme.example"))
    assert answer.state == state
    assert {sent.host for sent in vendors.sent} == {"wiki.acme.example"} and PASSWORD not in vendors.sent[
        0
    ].raw.decode()


@pytest.mark.parametrize(
    "text", [f"HTTPS_PROXY=http://me:{PASSWORD}@wiki.acme.example:3128\n", URL.replace("wiki.acme", "other.acme")]
)
def test_a_proxy_and_an_unnamed_host_are_not_asked(vendors: Vendors, text: str) -> None:
    assert verified(text, over=vendors.net("wiki.acme.example")).state == UNKNOWN
    assert vendors.sent == []


def jwt(**claims: object) -> str:
    parts = ({"alg": "RS256", "kid": "k" * 40}, {"iss": "kubernetes/serviceaccount", **claims, "pad": "x" * 60})
    texts = [b64encode(json.dumps(p, separators=(",", ":")).encode()).decode().rstrip("=") for p in parts]
    return ".".join((*texts, fill("${base64url:342}", 9)))


def kube(server: str = "https://k8s.acme.example:6443") -> str:
    return f"clusters:\n- cluster:\n    server: {server}\nusers:\n- user:\n    token: {jwt()}\n"


REVIEW = {"kind": "SelfSubjectReview", "status": {"userInfo": {"username": "system:serviceaccount:a:b"}}}
FORBIDDEN = 'selfsubjectreviews is forbidden: User "{}" cannot create resource'


@pytest.mark.parametrize(
    ("status", "content", "state"),
    [
        (201, REVIEW, LIVE),
        (201, {"kind": "SelfSubjectReview", "status": {"userInfo": {"username": "system:anonymous"}}}, UNKNOWN),
        (401, {"kind": "Status", "message": "Unauthorized"}, DEAD),
        (403, {"kind": "Status", "message": FORBIDDEN.format("system:serviceaccount:a:b")}, LIVE),
        (403, {"kind": "Status", "message": FORBIDDEN.format("system:anonymous")}, UNKNOWN),
        (401, {"message": "a proxy"}, UNKNOWN),
        (404, {"kind": "Status"}, UNKNOWN),
    ],
)
def test_a_cluster_says_whose_a_token_is(vendors: Vendors, status: int, content: Any, state: str) -> None:
    vendors.says(status, content)
    answer = verified(kube(), "kubeconfig.yaml", over=vendors.net("k8s.acme.example"))
    assert answer.state == state
    (sent,) = vendors.sent
    assert sent.line == "POST /apis/authentication.k8s.io/v1/selfsubjectreviews HTTP/1.1"


def test_of_two_clusters_and_of_unnamed_ones_none_is_asked(vendors: Vendors) -> None:
    two = kube().replace("users:", "- cluster:\n    server: https://other.acme.example\nusers:")
    for text in (two, kube("https://10.0.0.1:6443")):
        assert verified(text, "kubeconfig.yaml", over=vendors.net("k8s.acme.example")).state == UNKNOWN
    assert vendors.sent == []


def test_a_wrong_password_is_tried_once_and_few_of_them_for_an_account(vendors: Vendors) -> None:
    challenge = {"WWW-Authenticate": 'Basic realm="wiki"'}
    vendors.answers = lambda sent: said(401, b"", challenge)
    over = vendors.net("wiki.acme.example")
    first = verified(URL, over=over)
    assert replace(verified(URL, over=over), when=first.when) == first
    for seed in range(2):
        assert verified(URL.replace(PASSWORD, fill("${alnum:24}", seed)), over=over).state == DEAD
    answer = verified(URL.replace(PASSWORD, WRONG), over=over)
    assert answer.state == UNKNOWN and "could lock it" in answer.why
    assert sum("authorization" in sent.headers for sent in vendors.sent) == 3
