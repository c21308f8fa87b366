"""Reads an issuer's revocation feed (docs/revocation-feed.md)."""

import base64
import hashlib
import threading
from collections.abc import Callable, Mapping
from typing import Any

import jwt

from . import compact
from .fetch import Fetch, header
from .issuers import Issuer
from .keys import Keys

KINDS = ("jti", "sid", "sub", "client_id", "kid")
FUTURE_SECONDS = 60
MAX_CURSOR_CHARS = 200
_UNCHECKED = {f"verify_{name}": False for name in ("exp", "iat", "nbf", "aud", "iss", "sub", "jti")}

Entry = tuple[int, int | None]
"""`exp` and `cutoff`"""


def published_name(kind: str, value: str) -> str:
    if kind == "kid":
        return value
    digest = hashlib.sha256(f"{kind}:{value}".encode()).digest()[:16]
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _stronger(old: Entry | None, new: Entry) -> Entry:
    """An entry without a cutoff revokes more than an entry with any cutoff."""
    if old is None:
        return new
    cutoff = None if old[1] is None or new[1] is None else max(old[1], new[1])
    return (max(old[0], new[0]), cutoff)


class Feed:
    def __init__(self, issuer: Issuer, keys: Keys, fetch: Fetch, clock: Callable[[], float]) -> None:
        self._issuer, self._keys, self._fetch, self._clock = issuer, keys, fetch, clock
        self._lists: dict[str, dict[str, Entry]] = {kind: {} for kind in KINDS}
        self._cursor: str | None = None
        self._etag: str | None = None
        self._as_of: int | None = None
        self._reading = threading.Lock()

    def age_seconds(self) -> float | None:
        """Seconds since the issuer last read its stores. None if the feed was never read."""
        return None if self._as_of is None else self._clock() - self._as_of

    def is_revoked(self, claims: Mapping[str, Any], kid: str) -> bool:
        iat = claims["iat"]
        for kind, entries in self._lists.items():
            if not entries:
                continue
            value = kid if kind == "kid" else claims.get(kind)
            entry = entries.get(published_name(kind, value)) if isinstance(value, str) else None
            if entry is not None and (entry[1] is None or iat <= entry[1]):
                return True
        return False

    def read(self) -> bool:
        """Reads the feed once. Returns False if that failed, and then keeps the entries that are known."""
        with self._reading:
            try:
                return self._read()
            except (OSError, ValueError, KeyError, TypeError, AttributeError, jwt.PyJWTError):
                return False

    def _read(self) -> bool:
        url = self._issuer.revocations_uri or self._keys.address("revocations_uri", "/.well-known/revocations")
        since = f"?since={self._cursor}" if self._cursor else ""
        status, headers, body = self._fetch(f"{url}{since}", {"If-None-Match": self._etag} if self._etag else {})
        if status == 304:
            return True
        if status != 200:
            return False
        self._apply(self._checked(body.decode("ascii")))
        self._etag = header(headers, "etag")
        return True

    def _checked(self, document: str) -> dict[str, Any]:
        unverified = compact.read(document)
        kid = unverified.header.get("kid")
        if unverified.header.get("alg") != "RS256" or unverified.header.get("typ") != "revocations+jwt":
            raise ValueError("not a revocation feed")
        if "crit" in unverified.header or not isinstance(kid, str) or kid in self._lists["kid"]:
            raise ValueError("the feed is signed with a revoked key")
        key = self._keys.find(kid)
        if key is None:
            raise ValueError("the feed is signed with an unknown key")
        claims = jwt.decode(document, key, algorithms=["RS256"], options=_UNCHECKED)
        now = self._clock()
        if claims.get("iss") != self._issuer.issuer:
            raise ValueError("the feed belongs to another issuer")
        if not all(compact.is_number(claims.get(name)) for name in ("iat", "exp", "as_of")):
            raise ValueError("the feed has no iat, exp or as_of")
        if claims["iat"] > now + FUTURE_SECONDS or claims["exp"] <= now:
            raise ValueError("the feed is expired or from the future")
        cursor = claims.get("cursor")
        if not isinstance(claims.get("revoked"), dict) or not isinstance(cursor, str) or len(cursor) > MAX_CURSOR_CHARS:
            raise ValueError("the feed has no entries or no cursor")
        if kid in claims["revoked"].get("kid", {}):
            raise ValueError("the feed is signed with a key that it revokes")
        return claims

    def _apply(self, claims: dict[str, Any]) -> None:
        now = self._clock()
        lists = {kind: dict(entries) for kind, entries in self._lists.items()}
        for kind in KINDS:
            for name, entry in claims["revoked"].get(kind, {}).items():
                cutoff = entry.get("cutoff")
                lists[kind][name] = _stronger(
                    lists[kind].get(name), (int(entry["exp"]), None if cutoff is None else int(cutoff))
                )
        # One assignment, so that a concurrent request sees either the old entries or the new ones.
        self._lists = {
            kind: {name: entry for name, entry in entries.items() if entry[0] > now} for kind, entries in lists.items()
        }
        self._cursor = claims["cursor"]
        self._as_of = max(self._as_of or 0, int(claims["as_of"]))
