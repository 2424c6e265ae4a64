"""Certificates for signing in tests: a root of its own, and a signer under it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

STUDIO = "Test studio"


def make_certificate(folder: Path, name: str = "signer") -> tuple[Path, Path]:
    """Write ``NAME.pem`` with the chain and ``NAME.key``, and return both."""
    root, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    chain = _certificate("Test signer", own, root, authority=False), _certificate("Test root", root, root)
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    certificate.write_bytes(b"".join(each.public_bytes(Encoding.PEM) for each in chain))
    key.write_bytes(_pem(own, NoEncryption()))
    (folder / f"{name}.locked.key").write_bytes(_pem(own, BestAvailableEncryption(b"secret")))
    return certificate, key


def _pem(key: ec.EllipticCurvePrivateKey, encryption: KeySerializationEncryption) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def _certificate(name: str, key: Any, issuer: Any, *, authority: bool = True) -> x509.Certificate:
    now = datetime.now(timezone.utc)
    use = {"digital_signature": True, "key_cert_sign": authority, "crl_sign": authority}
    other = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    use |= dict.fromkeys((*other, "encipher_only", "decipher_only"), False)
    builder = (
        x509.CertificateBuilder(_named("Test root"), _named(name), key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(authority, None), critical=True)
        .add_extension(x509.KeyUsage(**use), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key()), critical=False)
    )
    if not authority:
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        builder = builder.add_extension(purpose, critical=False)
    return builder.sign(issuer, hashes.SHA256())


def _named(name: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, STUDIO), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    )
