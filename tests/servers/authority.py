"""A certificate authority that lives for one test run, so that clients verify for real. Trusted by nobody else."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.servers.needs import program


@dataclass(frozen=True)
class Authority:
    """The authority's certificate, and a server's certificate and key for localhost and 127.0.0.1."""

    ca: Path
    certificate: Path
    key: Path


def make(folder: Path) -> Authority:
    """Make both certificates in the folder; they are valid for two days."""
    folder.mkdir(exist_ok=True)
    ca, ca_key = folder / "ca.pem", folder / "ca.key"
    certificate, key, wanted, names = (folder / name for name in ("srv.pem", "srv.key", "srv.csr", "srv.ext"))
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    names.write_text(
        "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n"
        "keyUsage=digitalSignature\nextendedKeyUsage=serverAuth\nauthorityKeyIdentifier=keyid\n"
    )
    _openssl(
        *("req", "-x509", *curve, "-days", "2", "-subj", "/CN=slawatch tests"),
        *("-keyout", str(ca_key), "-out", str(ca), "-addext", "keyUsage=critical,keyCertSign,cRLSign"),
    )
    _openssl("req", *curve, "-keyout", str(key), "-out", str(wanted), "-subj", "/CN=localhost")
    _openssl(
        *("x509", "-req", "-days", "2", "-in", str(wanted), "-CA", str(ca), "-CAkey", str(ca_key)),
        *("-CAcreateserial", "-extfile", str(names), "-out", str(certificate)),
    )
    return Authority(ca=ca, certificate=certificate, key=key)


def _openssl(*words: str) -> None:
    subprocess.run([program("openssl"), *words], check=True, capture_output=True, stdin=subprocess.DEVNULL)
