"""The issuers that a verifier trusts. During a migration it can trust several at once."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key


def checked_url(url: str) -> str:
    """Returns the URL. Raises ValueError unless it is https, or http to this machine."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        is_local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_local = False
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and is_local)):
        raise ValueError(f"{url!r} must use https, or http with a loopback address")
    return url


@dataclass(frozen=True)
class Issuer:
    """An issuer with public keys, such as Dojang. `issuer` must equal `iss` character by character."""

    issuer: str
    audience: str | None = None
    types: Sequence[str] = ("at+jwt",)
    jwks_uri: str | None = None
    revocations_uri: str | None = None
    revocations: bool = True

    def __post_init__(self) -> None:
        for url in (self.issuer, self.jwks_uri, self.revocations_uri):
            if url is not None:
                checked_url(url)


@dataclass(frozen=True)
class SharedSecret:
    """An older issuer whose services share an HS256 secret. The verifier rejects its tokens from `until` on.

    `issuer` None accepts tokens without `iss`, and `audience` None accepts every `aud`. `subject_claim` names the
    claim with the user's id, and `roles_claim` the claim with the roles: a list, or a text that is one role.
    `required_claims` lists claims that a token must have, with their values. A token whose `token_type` is not
    `access` is always rejected, because SimpleJWT signs refresh tokens with the same secret.
    """

    secret: str
    until: datetime
    issuer: str | None = None
    audience: str | None = None
    subject_claim: str = "sub"
    roles_claim: str = "roles"
    required_claims: Mapping[str, str] = field(default_factory=dict)
    algorithm: ClassVar[str] = "HS256"

    def __post_init__(self) -> None:
        if len(self.secret.encode()) < 32:
            raise ValueError("`secret` is shorter than the 32 bytes that HS256 needs (RFC 7518 §3.2)")
        _check_legacy(self)

    @property
    def key(self) -> str:
        return self.secret

    def __repr__(self) -> str:
        return f"SharedSecret(issuer={self.issuer!r}, until={self.until.isoformat()})"


@dataclass(frozen=True)
class PublicKey:
    """An older issuer of RS256 tokens whose services hold its public key. It has the options of SharedSecret.

    `pem` is the text of the file, which begins with `-----BEGIN PUBLIC KEY-----`. The `kid` of a token is ignored.
    """

    pem: str
    until: datetime
    issuer: str | None = None
    audience: str | None = None
    subject_claim: str = "sub"
    roles_claim: str = "roles"
    required_claims: Mapping[str, str] = field(default_factory=dict)
    key: RSAPublicKey = field(init=False, repr=False, compare=False)
    algorithm: ClassVar[str] = "RS256"

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", _rsa_public_key(self.pem))
        _check_legacy(self)


def _check_legacy(issuer: SharedSecret | PublicKey) -> None:
    if issuer.until.tzinfo is None:
        raise ValueError("`until` has no time zone; pass an aware datetime")
    required = issuer.required_claims
    if not isinstance(required, Mapping) or not all(isinstance(one, str) and one for one in required.values()):
        raise ValueError("`required_claims` must map names to strings that are not empty")


def _rsa_public_key(pem: str) -> RSAPublicKey:
    try:
        key = load_pem_public_key(pem.encode()) if pem.strip().startswith("-----BEGIN PUBLIC KEY-----") else None
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPublicKey) or key.key_size < 2048:
        raise ValueError(
            "`pem` must be an RSA public key of at least 2,048 bits, which begins with -----BEGIN PUBLIC KEY-----"
        )
    return key
