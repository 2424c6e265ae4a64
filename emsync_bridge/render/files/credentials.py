"""Content Credentials (C2PA) in audio files and movies: a signed statement that a machine made the music.

Specification: C2PA Technical Specification 2.1, sections 11 (manifests), 14 (trust) and 18 (actions). The package
c2pa-python writes and signs; nothing is fetched or sent, so the signature has no trusted timestamp.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emsync_bridge import __version__
from emsync_bridge.errors import RenderError
from emsync_bridge.machine_mark import DIGITAL_SOURCE

INSTALL = 'pip install "emsync-bridge[c2pa]"'

COMPOSITE_SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
"""IPTC's term for media of which a part is made by a trained model: a movie with its music."""

_LARGEST = 1 << 20  # bytes of a certificate chain or a key
_SPARE = 1 << 20  # bytes that a signed file may be larger by
_CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}


@dataclass(frozen=True)
class Signature:
    """Certificate chain and key for signing.

    Arguments:
        algorithm: Name of the algorithm, as C2PA has it.
        chain: Certificates in PEM, the signer's own first.
        key: Private key in PEM.
    """

    algorithm: str
    chain: bytes
    key: bytes


def signature_of(certificate: Path | None, key: Path | None) -> Signature | None:
    """Return what files are to be signed with; None where nobody asks for it.

    Arguments:
        certificate: Certificate chain in PEM, the signer's own first.
        key: Its private key in PEM, without a password.

    Raises:
        RenderError: One of the two is missing or damaged, they do not belong together, or the extra is not installed.
    """
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        missing = "certificate" if certificate is None else "certificate_key"
        raise RenderError(
            "A signature needs a certificate and its key", hint="Give both of them, or neither", setting=missing
        )
    try:
        import c2pa  # noqa: F401
    except ImportError:
        raise RenderError(
            "Content Credentials need the package c2pa-python", hint=INSTALL, setting="certificate"
        ) from None
    chain, secret = _read(certificate, "certificate"), _read(key, "certificate_key")
    with _refusing(certificate, "certificate", "no certificate in PEM"):
        from cryptography import x509

        public = x509.load_pem_x509_certificates(chain)[0].public_key()
    with _refusing(key, "certificate_key", "no private key in PEM without a password"):
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        private = load_pem_private_key(secret, None)
    if _identity(private.public_key()) != _identity(public):
        raise RenderError(
            "This key is not that of the first certificate in the chain",
            where=key,
            hint="Put the signer's own certificate first, or give its key",
            setting="certificate_key",
        )
    return Signature(_algorithm(public, certificate), chain, secret)


def sign(path: Path, signature: Signature, mark: str, *, composite: bool = False) -> None:
    """Sign a WAV or MP4 file in place; its sound and its other metadata stay as they are.

    Arguments:
        path: The file.
        signature: Certificate chain and key.
        mark: The sentence that says by what the music is made.
        composite: Whether it is a movie, of which a machine made only a part.

    Raises:
        RenderError: It cannot be signed.
    """
    import c2pa

    signed = path.with_name(f"{path.stem}.signed{path.suffix}")
    info = c2pa.C2paSignerInfo(signature.algorithm, signature.chain, signature.key, None)
    try:
        with (
            c2pa.Signer.from_info(info) as signer,
            c2pa.Builder(json.dumps(_manifest(path.name, mark, composite=composite))) as builder,
        ):
            builder.sign_file(str(path), str(signed), signer)
    except (c2pa.C2paError, OSError) as problem:
        signed.unlink(missing_ok=True)
        # the library says nothing of a full disk
        full = shutil.disk_usage(path.parent).free < path.stat().st_size + _SPARE
        raise RenderError(
            f"The file cannot be signed: {problem}",
            where=path.name,
            hint="Make room on the disk" if full else "Check that the certificate may sign for C2PA, or leave it out",
            setting="" if full else "certificate",
        ) from None
    signed.replace(path)


def _manifest(name: str, mark: str, *, composite: bool) -> dict[str, Any]:
    program = {"name": "emsync-bridge", "version": __version__}
    action = {
        "action": "c2pa.created",
        "digitalSourceType": COMPOSITE_SOURCE if composite else DIGITAL_SOURCE,
        "softwareAgent": program,
        "description": mark,
    }
    return {
        "claim_generator_info": [program],
        "title": name,
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [action]}}],
    }


def _algorithm(public: Any, certificate: Path) -> str:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(public, ec.EllipticCurvePublicKey) and public.curve.name in _CURVES:
        return _CURVES[public.curve.name]
    if isinstance(public, ed25519.Ed25519PublicKey):
        return "ed25519"
    if isinstance(public, rsa.RSAPublicKey) and public.key_size >= 2048:
        return "ps256"
    raise RenderError(
        "C2PA knows no signature with this kind of key",
        where=certificate,
        hint="Use a certificate with an elliptic curve (P-256, P-384, P-521), Ed25519, or RSA of 2048 bits or more",
        setting="certificate",
    )


def _identity(public: Any) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    identity: bytes = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return identity


def _read(path: Path, setting: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST)
    except OSError as problem:
        raise RenderError(
            f"The file cannot be opened: {problem.strerror or problem}", where=path, setting=setting
        ) from None


@contextmanager
def _refusing(path: Path, setting: str, what: str) -> Iterator[None]:
    try:
        yield
    except Exception as problem:  # noqa: BLE001 (the package has errors of several families)
        raise RenderError(
            f"This is {what} ({type(problem).__name__})", where=path, hint="Give another file", setting=setting
        ) from None
