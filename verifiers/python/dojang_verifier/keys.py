"""An issuer's metadata and public keys. A failed fetch keeps the known keys."""

import json
import threading
from collections.abc import Callable
from typing import Any

from jwt import PyJWK
from jwt.exceptions import PyJWTError

from .fetch import Fetch
from .issuers import Issuer, checked_url

MAX_AGE_SECONDS = 300
COOLDOWN_SECONDS = 30
# Keys that could not be confirmed for this long are not trusted: one of them may have been revoked.
MAX_UNCONFIRMED_SECONDS = 3600
MAX_KEY_SET_BYTES = 1024 * 1024


class Keys:
    def __init__(self, issuer: Issuer, fetch: Fetch, clock: Callable[[], float], name: str | None) -> None:
        self._issuer, self._fetch, self._clock = issuer, fetch, clock
        self._headers = {"Dojang-Verifier": name} if name else {}
        self._fetching = threading.Lock()
        self._keys: dict[str, Any] = {}
        self._fetched_at: float | None = None
        self._asked_for_unknown_at: float | None = None
        self._metadata: dict[str, Any] | None = None

    @property
    def are_known(self) -> bool:
        fetched_at = self._fetched_at
        return fetched_at is not None and self._clock() - fetched_at < MAX_UNCONFIRMED_SECONDS

    def find(self, kid: str) -> Any | None:
        """The public key, or None. An unknown `kid` fetches the keys, at most once in 30 seconds."""
        key = self._known(kid)
        if key is not None:
            return key
        # A thread that waited here may find the key that another thread fetched.
        with self._fetching:
            if self._known(kid) is None and not self._is_cooling():
                self._asked_for_unknown_at = self._clock()
                self._read()
        return self._known(kid)

    def _known(self, kid: str) -> Any | None:
        return self._keys.get(kid) if self.are_known else None

    def keep_fresh(self) -> None:
        """Fetches the keys if there are none, or if they are old."""
        with self._fetching:
            if self._fetched_at is None or self._clock() - self._fetched_at >= MAX_AGE_SECONDS:
                self._read()

    def address(self, member: str, path: str) -> str:
        """The address in the metadata, or the default. Raises OSError or ValueError without metadata."""
        if self._metadata is None:
            url = f"{self._issuer.issuer}/.well-known/openid-configuration"
            status, _, body = self._fetch(url, {})
            document = json.loads(body) if status == 200 else None
            if not isinstance(document, dict) or document.get("issuer") != self._issuer.issuer:
                raise ValueError(f"{url} does not describe the issuer {self._issuer.issuer}")
            self._metadata = document
        return checked_url(self._metadata.get(member) or f"{self._issuer.issuer}{path}")

    def _is_cooling(self) -> bool:
        asked = self._asked_for_unknown_at
        return asked is not None and self._clock() - asked < COOLDOWN_SECONDS

    def _read(self) -> None:
        try:
            url = self._issuer.jwks_uri or self.address("jwks_uri", "/.well-known/jwks.json")
            status, _, body = self._fetch(url, self._headers)
            if status != 200 or len(body) > MAX_KEY_SET_BYTES:
                raise ValueError(f"{url} has no key set, or one of over {MAX_KEY_SET_BYTES} bytes")
            jwks = json.loads(body)["keys"]
            self._keys = {jwk["kid"]: key for jwk in jwks if (key := _usable(jwk)) is not None}
            self._fetched_at = self._clock()
        except (OSError, ValueError, KeyError, TypeError):
            # The key set may have a new address: read the metadata again.
            self._metadata = None


def _usable(jwk: Any) -> Any | None:
    """The public key, or None. One entry that we cannot use must not hide the other keys."""
    if not isinstance(jwk, dict) or jwk.get("kty") != "RSA" or not isinstance(jwk.get("kid"), str):
        return None
    if jwk.get("use", "sig") != "sig" or jwk.get("alg", "RS256") != "RS256":
        return None
    try:
        key = PyJWK(jwk, algorithm="RS256").key
    except (PyJWTError, ValueError, TypeError):
        return None
    return key if key.key_size >= 2048 else None
