"""The reason for a rejected request, and the challenge for its client (RFC 6750 §3)."""

from typing import Literal

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
]

_OUTAGES = ("unavailable", "stale")


class TokenError(Exception):
    """Respond with `status`, `headers` and `body`. `verdict` is for your log, not for the client."""

    def __init__(self, verdict: Verdict, *, scope: str | None = None) -> None:
        super().__init__(verdict)
        self.verdict = verdict
        self.scope = scope

    @property
    def status(self) -> int:
        if self.verdict in _OUTAGES:
            return 503
        return 403 if self.verdict == "insufficient_scope" else 401

    @property
    def error(self) -> str | None:
        """The error code of the challenge. A request without a token gets no code (RFC 6750 §3.1)."""
        if self.verdict == "missing" or self.status == 503:
            return None
        return "insufficient_scope" if self.status == 403 else "invalid_token"

    @property
    def challenge(self) -> str | None:
        if self.status == 503:
            return None
        if self.error is None:
            return "Bearer"
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
        if self.status == 503:
            return {"error": "temporarily_unavailable"}
        return {} if self.error is None else {"error": self.error}
