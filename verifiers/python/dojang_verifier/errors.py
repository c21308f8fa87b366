"""The reason for a rejected request, and the challenge for its client (RFC 6750 §3)."""

from collections.abc import Mapping
from typing import Any, Literal

Verdict = Literal[
    "missing",
    "too_large",
    "malformed",
    "unknown_issuer",
    "algorithm",
    "type",
    "unavailable",
    "unknown_key",
    "signature",
    "claims",
    "audience",
    "expired",
    "not_yet_valid",
    "revoked",
    "stale",
    "insufficient_scope",
    "no_local_user",
]

Code = Literal["token_required", "invalid_token", "insufficient_scope", "no_local_user", "temporarily_unavailable"]

_DETAILS: dict[Code, str] = {
    "token_required": "This request needs an access token.",
    "invalid_token": "The access token is not valid. It may have expired.",
    "insufficient_scope": "The access token does not allow this request.",
    "no_local_user": "This user has no account in this service.",
    "temporarily_unavailable": "Access tokens cannot be checked now. Try again shortly.",
}
"""What the client reads. It is the same for every invalid token."""

_HELP: dict[Verdict, str] = {
    "missing": "The request has no bearer token.",
    "too_large": "The token has more than 8192 characters. Put fewer claims into it.",
    "malformed": "The token is not a JWT. Send the access token as the issuer returned it.",
    "unknown_issuer": "The options have no issuer that equals the iss of the token. Compare every character.",
    "algorithm": "The alg of the token does not fit its issuer: RS256 with public keys or a PEM file, HS256 with a "
    "shared secret.",
    "type": "The token is not an access token. Do not send an ID token or a refresh token.",
    "unavailable": "The keys of the issuer were not fetched in the last hour. Check that this service reaches it.",
    "unknown_key": "The issuer does not publish the key of the token. Check that the token comes from this issuer.",
    "signature": "The signature does not match the key. The token was changed, or its signer has another key.",
    "claims": "A required claim is missing or has a wrong type.",
    "audience": "The token is for another API. Get a token for the audience of this service.",
    "expired": "The token has expired. The client must refresh it.",
    "not_yet_valid": "The token is not valid yet. Check the clocks of this machine and of the issuer.",
    "revoked": "The token was revoked, for example by a logout, or its user is not active.",
    "stale": "The revocation feed is too old. Check that this service reaches the issuer.",
    "insufficient_scope": "The token lacks a scope or a role that this route needs.",
    "no_local_user": "The token is valid, but this service found no user for it.",
}
"""For the operator of the service. verifiers/README.md lists the same sentences."""


def ids_of(claims: Mapping[str, Any], kid: object = None) -> dict[str, Any]:
    """The values that the log may name once the signature matches."""
    ids = {name: claims.get(name) for name in ("iss", "aud")} | {"kid": kid, "jti": claims.get("jti")}
    return {name: value for name, value in ids.items() if _is_loggable(value)}


def _is_loggable(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(one, str) for one in value))


class TokenError(Exception):
    """Respond with `status`, `headers` and `body`. `verdict`, `help` and `verified` are for your log only."""

    def __init__(
        self, verdict: Verdict, *, scope: str | None = None, verified: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(verdict)
        self.verdict = verdict
        self.scope = scope
        self.verified = verified
        """`iss`, `aud`, `kid` and `jti` of a token whose signature is valid. None if it was not verified."""

    @property
    def help(self) -> str:
        return _HELP[self.verdict]

    @property
    def code(self) -> Code:
        if self.verdict == "missing":
            return "token_required"
        if self.verdict in ("unavailable", "stale"):
            return "temporarily_unavailable"
        if self.verdict in ("insufficient_scope", "no_local_user"):
            return self.verdict
        return "invalid_token"

    @property
    def status(self) -> int:
        if self.code == "temporarily_unavailable":
            return 503
        return 403 if self.code in ("insufficient_scope", "no_local_user") else 401

    @property
    def error(self) -> str | None:
        """The error code of the challenge. A request without a token gets no code (RFC 6750 §3.1)."""
        return self.code if self.code in ("invalid_token", "insufficient_scope") else None

    @property
    def challenge(self) -> str | None:
        if self.code == "token_required":
            return "Bearer"
        # Another token does not help in the other two cases.
        if self.error is None:
            return None
        scope = f', scope="{self.scope}"' if self.scope else ""
        return f'Bearer error="{self.error}"{scope}'

    @property
    def retry_after_seconds(self) -> int | None:
        return 2 if self.status == 503 else None

    @property
    def headers(self) -> dict[str, str]:
        headers = {"Cache-Control": "no-store"}
        if self.challenge is not None:
            headers["WWW-Authenticate"] = self.challenge
        if self.retry_after_seconds is not None:
            headers["Retry-After"] = str(self.retry_after_seconds)
        return headers

    @property
    def body(self) -> dict[str, str]:
        """The `detail` is for people, and the `code` for programs."""
        return {"detail": _DETAILS[self.code], "code": self.code}
