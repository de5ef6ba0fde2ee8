"""What the demo's clients hold: private keys as text, and certificates in their names."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from harness.certificates import Certificate

_SINCE, _UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2049, 1, 1, tzinfo=UTC)


def pem_of(key: EllipticCurvePrivateKey) -> str:
    """A private key as PEM."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def certificate_for(subject: str, key: EllipticCurvePrivateKey, address: str = "") -> Certificate:
    """A self-signed certificate for a distinguished name (RFC 4514), and for an IP address."""
    name = x509.Name.from_rfc4514_string(subject)
    addresses = [x509.IPAddress(ip_address(address))] if address else []
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(_SINCE)
        .not_valid_after(_UNTIL)
    )
    if addresses:
        made = made.add_extension(x509.SubjectAlternativeName(addresses), critical=False)
    return Certificate(made.sign(key, hashes.SHA256()).public_bytes(Encoding.DER))
