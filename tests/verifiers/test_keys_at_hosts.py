"""Keys: at a real SSH daemon, beside a certificate, and in a kubeconfig."""

import datetime
import getpass
import os
import ssl
import subprocess
from base64 import b64encode
from pathlib import Path
from socket import socket

import certificates
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from servers import HERE, Server, misbehaving, net, verified
from vendors import Vendors

from secretsweep.verifiers import DEAD, LIVE, UNKNOWN

ME = getpass.getuser()


def made(folder: Path, name: str, kind: str = "ed25519", passphrase: str = "") -> tuple[str, str]:
    """A private key and its public one."""
    command = ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-f", str(folder / name)]
    subprocess.run(command, check=True)
    return (folder / name).read_text(), (folder / f"{name}.pub").read_text()


@pytest.fixture
def ssh(ssh_server: Server, tmp_path: Path) -> tuple[Server, str]:
    """The daemon, and a key that it takes."""
    private, public = made(tmp_path, "good")
    Path(ssh_server.password).write_text(public)
    return ssh_server, private


def inventory(server: Server, key: str) -> str:
    indented = "".join(f"    {line}\n" for line in key.splitlines())
    return f"ansible_host: {HERE}\nansible_port: {server.port}\nansible_user: {ME}\nkey: |\n{indented}"


def test_a_host_tells_a_key_that_it_takes(ssh: tuple[Server, str]) -> None:
    answer = verified(inventory(*ssh), "host.yaml")
    assert (answer.state, answer.who) == (LIVE, f"{HERE}:{ssh[0].port}")
    assert "ssh-ed25519 SHA256:" in answer.why and "host key SHA256:" in answer.why and "not known here" in answer.why


@pytest.mark.parametrize("kind", ["ed25519", "rsa", "ecdsa"])
def test_a_key_that_one_host_refuses_may_open_another(ssh: tuple[Server, str], tmp_path: Path, kind: str) -> None:
    other, public = made(tmp_path, f"other-{kind}", kind)
    answer = verified(inventory(ssh[0], other), "host.yaml")
    assert answer.state == UNKNOWN and "other hosts may take it" in answer.why
    answer = verified(inventory(ssh[0], other), "host.yaml", address=f"{HERE}:{ssh[0].port}")
    assert (answer.state, answer.status) == (DEAD, "failure")
    Path(ssh[0].password).write_text(public)
    assert verified(inventory(ssh[0], other), "host.yaml").state == LIVE


def test_a_host_that_known_hosts_knows_otherwise_is_not_believed(
    ssh: tuple[Server, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".ssh").mkdir()
    _, public = made(tmp_path, "else")
    (tmp_path / ".ssh" / "known_hosts").write_text(f"[{HERE}]:{ssh[0].port} {public}")
    answer = verified(inventory(*ssh), "host.yaml")
    assert answer.state == UNKNOWN and "not that of known_hosts" in answer.why


def test_without_a_host_a_key_is_told_by_its_fingerprint(tmp_path: Path) -> None:
    private, _ = made(tmp_path, "alone")
    answer = verified(private, "id_ed25519")
    assert answer.state == UNKNOWN and "SHA256:" in answer.why and "without a passphrase" in answer.why
    locked, _ = made(tmp_path, "locked", passphrase="Tr0ub4dor")
    answer = verified(locked, "id_locked")
    assert answer.state == UNKNOWN and "under a passphrase" in answer.why


def test_a_host_that_was_not_named_is_not_asked(ssh: tuple[Server, str]) -> None:
    answer = verified(inventory(*ssh), "host.yaml", over=net())
    assert answer.state == UNKNOWN and "--allow-address" in answer.why


def test_a_host_that_does_not_speak_ssh_says_nothing(ssh: tuple[Server, str]) -> None:
    def banners(sock: socket) -> None:
        while True:
            sock.sendall(b"SSH-2.0-x\r\n" + b"\xff" * 65536)

    with misbehaving(banners) as port:
        answer = verified(inventory(Server(port, ""), ssh[1]), "host.yaml", over=net(HERE, total=1))
    assert answer.state == UNKNOWN


def pair(days: int, name: str = "www.acme.example") -> tuple[str, str]:
    """A key and its certificate, which ends in so many days."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.UTC)
    named = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder().subject_name(named).issuer_name(named).public_key(key.public_key())
    builder = builder.serial_number(7).not_valid_before(now - datetime.timedelta(days=90))
    builder = builder.not_valid_after(now + datetime.timedelta(days=days))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    form = serialization.PrivateFormat.TraditionalOpenSSL
    pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
    return pem, builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


@pytest.mark.parametrize("path", ["server.pem", "secret.yaml"])
@pytest.mark.parametrize(("days", "state", "words"), [(-2, DEAD, "ran out on"), (30, UNKNOWN, "runs until")])
def test_a_key_is_judged_by_the_certificate_in_its_file(path: str, days: int, state: str, words: str) -> None:
    key, certificate = pair(days)
    answer = verified(written(path, key, certificate), path, over=net())
    assert answer.state == state and words in answer.why, answer


def written(path: str, key: str, certificate: str) -> str:
    if path == "server.pem":
        return pair(-50)[1] + certificate + key
    texts = (b64encode(text.encode()).decode() for text in (certificate, key))
    return "kind: Secret\napiVersion: v1\ndata:\n  tls.crt: {}\n  tls.key: {}\n".format(*texts)


def test_a_certificate_of_another_key_says_nothing() -> None:
    answer = verified(pair(-2)[1] + pair(-2)[0], "server.pem", over=net())
    assert answer.state == UNKNOWN and "no certificate in the same file" in answer.why


def test_a_host_that_still_has_the_key_makes_it_live(vendors: Vendors, tmp_path: Path) -> None:
    from contextlib import suppress

    key, certificate = pair(-2)
    (tmp_path / "both.pem").write_text(certificate + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "both.pem")

    def shaking(sock: socket) -> None:
        with suppress(OSError), context.wrap_socket(sock, server_side=True) as secure:
            secure.recv(1)

    over = vendors.net("www.acme.example")
    with misbehaving(shaking) as port:
        import socket as sockets

        over.dial = lambda ip, _, seconds: sockets.create_connection((HERE, port), seconds)
        answer = verified(certificate + key, "server.pem", over=over)
    assert (answer.state, answer.who) == (LIVE, "www.acme.example:443")
    answer = verified(certificate + key, "server.pem", over=vendors.net("www.acme.example"))
    assert answer.state == DEAD and "has another key" in answer.why


def kubeconfig(key: str, certificate: str, server: str, authority: str) -> str:
    texts = [b64encode(text.encode()).decode() for text in (authority, certificate, key)]
    return (
        (
            "clusters:\n- cluster:\n    certificate-authority-data: {}\n    server: SERVER\n"
            "users:\n- user:\n    client-certificate-data: {}\n    client-key-data: {}\n"
        )
        .format(*texts)
        .replace("SERVER", server)
    )


def test_a_client_certificate_that_ran_out_is_dead_without_asking() -> None:
    key, certificate = pair(-2)
    answer = verified(
        kubeconfig(key, certificate, "https://k8s.acme.example:6443", certificate), "config.yaml", over=net()
    )
    assert (answer.state, answer.status) == (DEAD, "notAfter")


def test_a_cluster_is_shown_the_client_certificate(tmp_path: Path) -> None:
    """A fake of an API server that asks for a client certificate, as the real one does."""
    import json

    key, certificate = pair(30)
    (tmp_path / "client.pem").write_text(certificate)
    paths = certificates.issued(tmp_path, "localhost")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(tmp_path / "client.pem"))
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(paths.certificate, paths.key)
    review = json.dumps({"kind": "SelfSubjectReview", "status": {"userInfo": {"username": "admin"}}}).encode()

    def served(sock: socket) -> None:
        with context.wrap_socket(sock, server_side=True) as secure:
            assert secure.getpeercert()
            secure.recv(65536)
            secure.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n" % len(review) + review)

    authority = Path(paths.authority).read_text()
    with misbehaving(served) as port:
        text = kubeconfig(key, certificate, f"https://{HERE}:{port}", authority)
        before = set(os.listdir("/proc/self/fd"))
        answer = verified(text, "config.yaml")
        assert answer.state == LIVE, answer
        assert not [n for n in set(os.listdir("/proc/self/fd")) - before if "memfd" in _link(n)]
        other = kubeconfig(key, certificate, f"https://{HERE}:{port}", certificate)
        assert verified(other, "config.yaml").state == UNKNOWN


def _link(number: str) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{number}")
    except OSError:
        return ""
