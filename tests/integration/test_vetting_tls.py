"""The way out to real hosts: certificates are verified, nothing is redirected, plain HTTP stays on loopback."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.vetting import outgoing

pytestmark = pytest.mark.catalogue("V4")


class Authority:
    """A certificate authority of the test's own, and what it signs."""

    def __init__(self, directory: Path, name: str) -> None:
        self.directory = directory
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = (
            self._builder(self.name, self.key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(x509.KeyUsage(False, False, False, False, False, True, True, False, False), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        self.file = directory / f"{name}.pem"
        self.file.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, days: int = 1) -> x509.CertificateBuilder:
        now = dt.datetime.now(dt.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=3))
            .not_valid_after(now + dt.timedelta(days=days))
        )

    def server(self, host: x509.GeneralName, days: int = 1) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a department")])
        certificate = (
            self._builder(subject, key, days)
            .add_extension(x509.SubjectAlternativeName([host]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        path = self.directory / f"server-{certificate.serial_number}.pem"
        path.write_bytes(
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


LOOPBACK = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))


@contextmanager
def listening(context: ssl.SSLContext | None, status: int = 204, location: str | None = None) -> Iterator[Any]:
    """A server that notes the bodies it was given."""
    bodies: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST

        def log_message(self, format: str, *arguments: Any) -> None: ...

    class Quiet(HTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that breaks off the handshake is what these tests are about."""

    server = Quiet(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"{'https' if context else 'http'}://127.0.0.1:{server.server_port}", bodies
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def post(url: str, ca: Path | None = None) -> None:
    with outgoing.Line(url, str(ca) if ca else None) as line:
        line.post("/questions", b"{}", {"webhook-id": "msg_1"})


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "authority")


def test_a_certificate_of_the_named_authority_passes(authority: Authority) -> None:
    with listening(authority.server(LOOPBACK)) as (url, bodies):
        post(url, authority.file)
    assert bodies == [b"{}"]


def test_an_unknown_authority_is_refused_before_anything_is_sent(authority: Authority, tmp_path: Path) -> None:
    stranger = Authority(tmp_path, "stranger")
    with listening(stranger.server(LOOPBACK)) as (url, bodies):
        for ca in (authority.file, None):
            with pytest.raises(outgoing.NotDelivered, match="证书"):
                post(url, ca)
    assert bodies == []


def test_a_certificate_for_another_host_is_refused(authority: Authority) -> None:
    wrong = authority.server(x509.DNSName("court.example"))
    with listening(wrong) as (url, bodies), pytest.raises(outgoing.NotDelivered, match="证书"):
        post(url, authority.file)
    assert bodies == []


def test_a_certificate_that_has_run_out_is_refused(authority: Authority) -> None:
    with listening(authority.server(LOOPBACK, days=-1)) as (url, bodies), pytest.raises(outgoing.NotDelivered, match="证书"):
        post(url, authority.file)
    assert bodies == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nothing_is_redirected(authority: Authority, status: int) -> None:
    with (
        listening(authority.server(LOOPBACK)) as (elsewhere, stolen),
        listening(authority.server(LOOPBACK), status, f"{elsewhere}/questions") as (url, _),
        pytest.raises(outgoing.NotDelivered, match="转到别处"),
    ):
        post(url, authority.file)
    assert stolen == []


@pytest.mark.parametrize(
    "url",
    [
        "http://police.example/x",
        "http://10.0.0.1/x",
        "http://localhost.police.example/x",
        "http://[2001:db8::1]/x",
        "http://0.0.0.0:8080/x",
        "ftp://127.0.0.1/x",
        "https://user:secret@police.example/x",
        "https://police.example/x?token=1",
        "https:///x",
        "http://127.0.0.1:notaport/x",
        "//127.0.0.1/x",
    ],
)
def test_plain_http_stays_on_loopback_and_other_addresses_are_whole(url: str) -> None:
    with pytest.raises(outgoing.NotDelivered):
        post(url)


def test_plain_http_on_loopback_passes_and_the_environments_proxies_are_not_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with listening(None) as (url, bodies):
        post(url)
    assert bodies == [b"{}"]


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_only_success_is_taken_for_delivered(status: int) -> None:
    with listening(None, status) as (url, _), pytest.raises(outgoing.NotDelivered, match=str(status)):
        post(url)


def test_nobody_there_is_not_delivered() -> None:
    with pytest.raises(outgoing.NotDelivered, match="无法连接"):
        post("http://127.0.0.1:9")
