"""A verified access token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True)
class VerifiedToken:
    subject: str
    issuer: str | None
    scopes: list[str]
    roles: list[str]
    claims: Mapping[str, Any]

    @staticmethod
    def of(claims: dict[str, Any], subject: str, roles: Any) -> VerifiedToken:
        scope = claims.get("scope")
        split = [word for word in scope.split(" ") if word] if isinstance(scope, str) else []
        return VerifiedToken(
            subject=subject,
            issuer=claims.get("iss"),
            scopes=_words(claims["scopes"]) if "scopes" in claims else split,
            roles=_words(roles),
            claims=MappingProxyType(claims),
        )


def _words(value: Any) -> list[str]:
    is_list = isinstance(value, list) and all(isinstance(word, str) for word in value)
    return list(value) if is_list else []
