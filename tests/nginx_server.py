"""An nginx of its own with the configuration of `deploy/nginx`, on free ports of this machine."""

import re
import shutil
import signal
import socket
import ssl
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from dermdash.cli.nginx_upstreams import upstreams
from tests.browser.ports import free_port, leave_port

DEPLOY = Path(__file__).parents[1] / "deploy" / "nginx"
SITE, SUBPATH = "dermdash-site.conf", "dermdash-subpath-site.conf"
_MAIN = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/main-error.log warn;
events {{ worker_connections 2048; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    types_hash_max_size 2048;
    access_log off;
    include {folder}/upstreams.conf;
    include {folder}/site.conf;
}}
"""


def nginx_program() -> str | None:
    """Where nginx is; None where it is not installed. Debian puts it where only root looks."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/bin")


class Nginx:
    """nginx in front of app processes on these ports; a context in which it runs.

    Parameters
    ----------
    folder
        For its files and logs.
    site
        Which site of `deploy/nginx`. Only ports, the certificate's place and the logs' are others than there, and
        what ``changed`` says: what stands there, and what takes its place.
    plain
        Without TLS, for clients that speak none.
    """

    def __init__(
        self,
        folder: Path,
        app_ports: range,
        *,
        site: str = SITE,
        plain: bool = True,
        changed: dict[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.port, self.redirect_port = free_port(), free_port()
        self._process: subprocess.Popen[bytes] | None = None
        (folder / "snippets").mkdir(parents=True)
        shutil.copy(DEPLOY / "dermdash-proxy.conf", folder / "snippets")
        (folder / "upstreams.conf").write_text(upstreams(app_ports))
        text = (DEPLOY / site).read_text()
        if plain:
            text = re.sub(r"\n *ssl_[^\n]*", "", text).replace("443 ssl", "443")
        else:
            _make_certificate(folder)
        places = {
            "listen [::]:443 ssl;": "", "listen [::]:443;": "", "listen [::]:80;": "",
            "listen 443": f"listen 127.0.0.1:{self.port}", "listen 80": f"listen 127.0.0.1:{self.redirect_port}",
            "/etc/ssl/dermdash": str(folder), "/var/log/nginx": str(folder), **(changed or {}),
        }  # fmt: skip
        for there, here in places.items():
            text = text.replace(there, here)
        (folder / "site.conf").write_text(text)
        (folder / "nginx.conf").write_text(_MAIN.format(folder=folder))
        self.url = f"{'http' if plain else 'https'}://localhost:{self.port}"

    def check(self) -> str:
        """What nginx says of the configuration; fails where it refuses it."""
        done = subprocess.run([*self._command(), "-t"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stderr

    def __enter__(self) -> "Nginx":
        """Start it and wait until it listens."""
        self._process = subprocess.Popen(self._command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 10
        while time.monotonic() < end:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.02)
        raise AssertionError((self.folder / "main-error.log").read_text())

    def __exit__(self, *_: object) -> None:
        """End it."""
        assert self._process is not None
        self._process.terminate()
        self._process.wait(timeout=10)
        leave_port(self.port)
        leave_port(self.redirect_port)

    def reload(self) -> None:
        """Read the configuration again, as `systemctl reload nginx` does; open connections go on in the old workers."""
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)

    def _command(self) -> list[str]:
        program = nginx_program()
        assert program is not None
        return [program, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]


def _make_certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    no_encryption = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    (folder / "privkey.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, no_encryption))


def trusting(nginx: Nginx) -> ssl.SSLContext:
    """A context that takes the certificate of this nginx alone."""
    return ssl.create_default_context(cafile=str(nginx.folder / "fullchain.pem"))
