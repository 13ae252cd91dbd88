"""A mail server that is spoken to in secret, and lets in who has the password."""

import datetime
import ssl
from ipaddress import IPv4Address
from pathlib import Path
from typing import Literal

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.mail_server import MailServer, running_mail_server

from dermdash.errors import MailServerAway
from dermdash.settings import Settings
from dermdash.workflows.mail_server import MailOutcome, connected


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate of this machine, with its key, that every connection of the test trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tests")])
    now = datetime.datetime.now(datetime.UTC)
    here = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    form, no_password = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, form, no_password)
    path.write_bytes(secret + signed.public_bytes(serialization.Encoding.PEM))
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return path


def secured_by(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


Security = Literal["tls", "starttls"]


def settings(server: MailServer, home: Path, *, security: Security, password: str = "") -> Settings:
    (home / "password").write_text(f"{password}\n")
    return Settings(
        home=home, database_url="", smtp_host="127.0.0.1", smtp_port=server.port, smtp_security=security,
        smtp_from="Team <team@example.org>", smtp_user="study" if password else "",
        smtp_password_file=str(home / "password") if password else "",
    )  # fmt: skip


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_mail_goes_out_in_secret_to_a_server_that_lets_us_in(
    certificate: Path, tmp_path: Path, security: Security
) -> None:
    here = {"tls": secured_by(certificate), "from_the_start": security == "tls", "lets_in": ("study", "open sesame")}
    with running_mail_server(**here) as server:  # type: ignore[arg-type]
        with connected(settings(server, tmp_path, security=security, password="open sesame")) as connection:
            assert connection.send("ada@example.org", "Read", "Grüße").outcome is MailOutcome.SENT
        ((to, mail),) = server.taken
        assert to == "ada@example.org"
        assert mail.get_content() == "Grüße"
        wrong = settings(server, tmp_path, security=security, password="wrong")
        with pytest.raises(MailServerAway, match=r"does not let study in \(535"), connected(wrong):
            pass


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_nothing_is_said_to_a_server_whose_certificate_nobody_trusts(
    certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, security: Security
) -> None:
    tls = secured_by(certificate)
    monkeypatch.delenv("SSL_CERT_FILE")
    with running_mail_server(tls=tls, from_the_start=security == "tls") as server:
        with (
            pytest.raises(MailServerAway, match="certificate"),
            connected(settings(server, tmp_path, security=security)),
        ):
            pass
        assert not server.taken


def test_a_server_without_secrets_is_refused_where_they_are_asked_for(tmp_path: Path) -> None:
    with running_mail_server() as server:
        asked = settings(server, tmp_path, security="starttls")
        with pytest.raises(MailServerAway, match="cannot be reached"), connected(asked):
            pass
