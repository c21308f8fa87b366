"""Whom to believe. A verifier may believe several at once, as a migration needs it."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit


def checked_url(url: str) -> str:
    """https, or http to this machine. Raises ValueError."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        is_local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_local = False
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and is_local)):
        raise ValueError(f"{url!r} is neither https nor on this machine")
    return url


@dataclass(frozen=True)
class Issuer:
    """One with keys, as Dojang is. `issuer` is compared with `iss` character by character."""

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
    """What was there before: HS256 under a secret that is shared. Its tokens are refused from `until` on.

    `issuer` None takes tokens without `iss`; `audience` None does not look at `aud`; `subject_claim` names the user.
    """

    secret: str
    until: datetime
    issuer: str | None = None
    audience: str | None = None
    subject_claim: str = "sub"

    def __post_init__(self) -> None:
        if self.until.tzinfo is None:
            raise ValueError("`until` needs a time zone")
        if len(self.secret.encode()) < 32:
            raise ValueError("an HS256 secret has at least 32 bytes (RFC 7518 §3.2)")

    def __repr__(self) -> str:
        return f"SharedSecret(issuer={self.issuer!r}, until={self.until.isoformat()})"
