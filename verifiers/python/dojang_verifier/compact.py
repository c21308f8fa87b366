"""Parses a compact JWS strictly. The signature is not verified here."""

import base64
import json
import re
from dataclasses import dataclass
from typing import Any

_PART = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


@dataclass(frozen=True)
class Unverified:
    header: dict[str, Any]
    claims: dict[str, Any]


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a JSON object has a duplicate member")
    return members


def _no_constants(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _decoded(part: str) -> bytes:
    if not _PART.fullmatch(part):
        raise ValueError("a part is not base64url")
    raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != part:
        raise ValueError("a part is not canonical base64url")
    return raw


def _object(part: str) -> dict[str, Any]:
    text = _decoded(part).decode("utf-8")
    value = json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constants)
    if not isinstance(value, dict):
        raise ValueError("a part is not a JSON object")
    return value


def read(token: str) -> Unverified:
    """Raises ValueError if the token is not three strict base64url parts with JSON objects."""
    header, claims, signature = token.split(".")
    try:
        if signature:
            _decoded(signature)
        return Unverified(_object(header), _object(claims))
    except RecursionError as error:
        raise ValueError("the JSON is nested too deeply") from error


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
