"""Verifies tokens in the order that verifiers/README.md lists. A thread keeps the keys and feeds fresh."""

import logging
import os
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import jwt

from . import compact
from .errors import TokenError, ids_of
from .feed import Feed
from .fetch import Fetch
from .fetch import fetch as http_fetch
from .issuers import Issuer, PublicKey, SharedSecret
from .keys import Keys
from .token import VerifiedToken

MAX_TOKEN_CHARS = 8192
MAX_LEEWAY_SECONDS = 60
"""The feed keeps an entry this long after its token expires."""

_MAX_SAFE_INTEGER = 2**53 - 1
"""JavaScript rounds larger numbers. No verifier accepts them as a subject, so that all give the same verdict."""

_UNCHECKED = {f"verify_{name}": False for name in ("exp", "iat", "nbf", "aud", "iss", "sub", "jti")}
_log = logging.getLogger("dojang_verifier")


@dataclass(frozen=True)
class _Trusted:
    """An issuer with its keys and its feed."""

    issuer: Issuer
    keys: Keys
    feed: Feed | None


class Verifier:
    """Create one verifier per service. It is safe to use from many threads and in servers that fork."""

    def __init__(
        self,
        *,
        issuer: str | Issuer | SharedSecret | PublicKey | Iterable[str | Issuer | SharedSecret | PublicKey],
        audience: str,
        name: str | None = None,
        revocations: bool = True,
        poll_seconds: float = 5,
        max_staleness_seconds: float = 300,
        when_stale: Literal["refuse", "accept"] = "refuse",
        leeway_seconds: float = 10,
        fetch: Fetch = http_fetch,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Raises ValueError for invalid options."""
        given = [issuer] if isinstance(issuer, (str, Issuer, SharedSecret, PublicKey)) else list(issuer)
        issuers = [Issuer(one) if isinstance(one, str) else one for one in given]
        names = [one.issuer for one in issuers]
        if not issuers or len(set(names)) != len(names):
            raise ValueError("`issuer` must name at least one issuer, and each issuer once")
        if not audience:
            raise ValueError("`audience` is empty; set it to the `aud` of your tokens")
        if name is not None and not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", name):
            raise ValueError("`name` must have 1 to 64 characters of A-Z a-z 0-9 . _ -")
        if poll_seconds < 3 or max_staleness_seconds < 60:
            raise ValueError("`poll_seconds` must be at least 3, and `max_staleness_seconds` at least 60")
        if not 0 <= leeway_seconds <= MAX_LEEWAY_SECONDS:
            raise ValueError("`leeway_seconds` must be from 0 to 60")
        if when_stale not in ("refuse", "accept"):
            raise ValueError("`when_stale` must be 'refuse' or 'accept'")
        self.stale_accepted = 0
        """The number of tokens that were accepted although the feed was too old."""
        self._audience, self._leeway, self._now = audience, leeway_seconds, now
        self._max_staleness, self._when_stale = max_staleness_seconds, when_stale
        # Two seconds less: the issuer and an HTTP cache may each send a feed that is one second old.
        self._pause = poll_seconds - 2
        self._legacy = {one.issuer: one for one in issuers if isinstance(one, (SharedSecret, PublicKey))}
        self._trusted: dict[str, _Trusted] = {}
        for one in issuers:
            if isinstance(one, Issuer):
                keys = Keys(one, fetch, now, name)
                feed = Feed(one, keys, fetch, now) if revocations and one.revocations else None
                self._trusted[one.issuer] = _Trusted(one, keys, feed)
        self._starting = threading.Lock()
        self._stopping = threading.Event()
        self._pid: int | None = None

    def start(self) -> None:
        """Fetches keys and feeds, then polls in the background. Does not fail while an issuer is down."""
        if self._pid == os.getpid():
            return
        with self._starting:
            if self._pid == os.getpid():
                return
            self.read()
            self._stopping = threading.Event()
            threading.Thread(target=self._run, args=(self._stopping,), name="dojang-verifier", daemon=True).start()
            # A forked process does not inherit the thread, so it starts its own.
            self._pid = os.getpid()

    def stop(self) -> None:
        """Stops the polling."""
        self._stopping.set()

    def read(self) -> None:
        """Reads keys and feeds once. The background thread does the same."""
        for trusted in self._trusted.values():
            trusted.keys.keep_fresh()
            if trusted.feed is not None and not trusted.feed.read():
                _log.warning("The revocation feed of %s was not read. It is read again soon.", trusted.issuer.issuer)

    def authenticate(
        self, authorization: str | None, *, scopes: Iterable[str] = (), roles: Iterable[str] = ()
    ) -> VerifiedToken:
        """Like `verify`, but takes the value of an `Authorization` header (RFC 6750 §2.1)."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise TokenError("missing")
        return self.verify(token.strip(), scopes=scopes, roles=roles)

    def verify(self, token: str, *, scopes: Iterable[str] = (), roles: Iterable[str] = ()) -> VerifiedToken:
        """Returns the verified token. Raises TokenError, also for a missing scope or role."""
        self.start()
        verified = self._verified(token)
        wanted, named = list(scopes), list(roles)
        lacks_role = bool(named) and not set(named).intersection(verified.roles)
        if lacks_role or not set(wanted).issubset(verified.scopes):
            ids = ids_of(verified.claims)
            raise TokenError("insufficient_scope", scope=" ".join(wanted) or None, verified=ids)
        return verified

    def _run(self, stopping: threading.Event) -> None:
        while not stopping.wait(self._pause):
            try:
                self.read()
            except Exception:
                _log.exception("Keys and revocation feeds were not read. They are read again soon.")

    def _verified(self, token: str) -> VerifiedToken:
        if len(token) > MAX_TOKEN_CHARS:
            raise TokenError("too_large")
        try:
            unverified = compact.read(token)
        except ValueError as error:
            raise TokenError("malformed") from error
        if "crit" in unverified.header:
            raise TokenError("malformed")
        issuer = unverified.claims.get("iss")
        if isinstance(issuer, str) and issuer in self._trusted:
            return self._by_keys(token, unverified.header, self._trusted[issuer])
        # A token without `iss` belongs to the unnamed issuer, but `"iss": null` belongs to none.
        is_named = isinstance(issuer, str) or "iss" not in unverified.claims
        if is_named and issuer in self._legacy:
            return self._by_legacy_key(token, unverified.header, self._legacy[issuer])
        raise TokenError("unknown_issuer")

    def _by_keys(self, token: str, header: dict[str, Any], trusted: _Trusted) -> VerifiedToken:
        if header.get("alg") != "RS256":
            raise TokenError("algorithm")
        if _type(header) not in [typ.lower() for typ in trusted.issuer.types]:
            raise TokenError("type")
        kid = header.get("kid")
        key = trusted.keys.find(kid) if isinstance(kid, str) else None
        if key is None:
            raise TokenError("unknown_key" if trusted.keys.are_known else "unavailable")
        claims = _signed(token, key, "RS256")
        with _ids_in_errors(claims, kid):
            texts = (claims.get(name) for name in ("sub", "jti", "client_id"))
            has_texts = all(isinstance(text, str) and text for text in texts)
            if not has_texts or not compact.is_number(claims.get("iat")) or not isinstance(claims.get("sid", ""), str):
                raise TokenError("claims")
            self._check_times_and_audience(claims, trusted.issuer.audience or self._audience)
            if trusted.feed is not None:
                self._check_feed(trusted.feed, claims, str(kid))
        return VerifiedToken.of(claims, claims["sub"], claims.get("roles"))

    def _by_legacy_key(
        self, token: str, header: dict[str, Any], known: SharedSecret | PublicKey
    ) -> VerifiedToken:
        if self._now() >= known.until.timestamp():
            raise TokenError("unknown_issuer")
        if header.get("alg") != known.algorithm:
            raise TokenError("algorithm")
        if _type(header) not in (None, "jwt"):
            raise TokenError("type")
        claims = _signed(token, known.key, known.algorithm)
        with _ids_in_errors(claims, header.get("kid")):
            if claims.get("token_type", "access") != "access":
                raise TokenError("type")
            if any(name not in claims or claims[name] != value for name, value in known.required_claims.items()):
                raise TokenError("claims")
            subject = claims.get(known.subject_claim)
            if isinstance(subject, int) and not isinstance(subject, bool) and abs(subject) <= _MAX_SAFE_INTEGER:
                subject = str(subject)
            if not isinstance(subject, str) or not subject:
                raise TokenError("claims")
            self._check_times_and_audience(claims, known.audience)
        roles = claims.get(known.roles_claim)
        return VerifiedToken.of(claims, subject, [roles] if isinstance(roles, str) and roles else roles)

    def _check_times_and_audience(self, claims: dict[str, Any], audience: str | None) -> None:
        now = self._now()
        exp, starts = claims.get("exp"), [claims[name] for name in ("iat", "nbf") if name in claims]
        if not compact.is_number(exp) or not all(compact.is_number(start) for start in starts):
            raise TokenError("claims")
        named = claims.get("aud")
        if audience is not None and audience not in (named if isinstance(named, list) else [named]):
            raise TokenError("audience")
        if exp <= now - self._leeway:
            raise TokenError("expired")
        if any(start > now + self._leeway for start in starts):
            raise TokenError("not_yet_valid")

    def _check_feed(self, feed: Feed, claims: dict[str, Any], kid: str) -> None:
        if feed.is_revoked(claims, kid):
            raise TokenError("revoked")
        age = feed.age_seconds()
        if age is not None and age <= self._max_staleness:
            return
        if self._when_stale == "refuse":
            raise TokenError("stale")
        self.stale_accepted += 1


@contextmanager
def _ids_in_errors(claims: dict[str, Any], kid: object) -> Iterator[None]:
    """The signature is valid from here on, so the log may name the token."""
    try:
        yield
    except TokenError as error:
        error.verified = ids_of(claims, kid)
        raise


def _type(header: dict[str, Any]) -> str | None:
    """The `typ` in lower case, without the prefix `application/` (RFC 7515 §4.1.9). None if it is absent."""
    typ = header.get("typ")
    if typ is None:
        return None
    return typ.lower().removeprefix("application/") if isinstance(typ, str) else ""


def _signed(token: str, key: Any, algorithm: str) -> dict[str, Any]:
    try:
        return jwt.decode(token, key, algorithms=[algorithm], options=_UNCHECKED)
    except jwt.PyJWTError as error:
        raise TokenError("signature") from error
