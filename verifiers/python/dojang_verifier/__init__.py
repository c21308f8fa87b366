"""Verifies Dojang's access tokens offline. A revoked token is rejected after the next poll of the feed.

    verifier = Verifier(issuer="https://id.example.com", audience="https://api.example.com", name="orders")
    token = verifier.authenticate(authorization_header, scopes=["orders:read"])   # raises TokenError
    token.subject, token.scopes, token.roles, token.claims
"""

from .errors import TokenError, Verdict
from .issuers import Issuer, PublicKey, SharedSecret
from .token import VerifiedToken
from .verifier import Verifier

__all__ = ["Issuer", "PublicKey", "SharedSecret", "TokenError", "Verdict", "VerifiedToken", "Verifier"]
