"""A test issuer with new keys and the responses of Dojang. The test moves its clock."""

import json
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from dojang_verifier.feed import KINDS, published_name

URL = "https://id.example.com"
AUDIENCE = "https://api.example.com"


class Clock:
    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


class TestIssuer:
    __test__ = False

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.keys: dict[str, rsa.RSAPrivateKey] = {}
        self.revoked: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.is_down = False
        self.as_of: float | None = None
        self.rotate("key-1")

    def rotate(self, kid: str) -> None:
        self.keys[kid] = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.kid = kid

    def token(self, header: dict[str, Any] | None = None, **claims: Any) -> str:
        now = int(self.clock())
        payload = {
            **{"iss": URL, "aud": AUDIENCE, "sub": "usr_1", "client_id": "web", "jti": "t-1", "sid": "f-1"},
            **{"iat": now, "exp": now + 600, "scope": "openid orders:read", "roles": ["user"], **claims},
        }
        headers = {"typ": "at+jwt", "kid": self.kid, **(header or {})}
        return jwt.encode(payload, self.keys[self.kid], algorithm="RS256", headers=headers)

    def revoke(self, kind: str, value: str, cutoff: int | None = None) -> None:
        entry: dict[str, Any] = {"exp": int(self.clock()) + 3660}
        if cutoff is not None:
            entry["cutoff"] = cutoff
        self.revoked[kind][published_name(kind, value)] = entry

    def fetch(self, url: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        self.requests.append((url, headers))
        if self.is_down:
            raise OSError("down")
        path = url.removeprefix(URL).split("?")[0]
        if path == "/.well-known/openid-configuration":
            document = {"issuer": URL, "jwks_uri": f"{URL}/jwks", "revocations_uri": f"{URL}/revocations"}
            return 200, {}, json.dumps(document).encode()
        if path == "/jwks":
            jwks = [
                {**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())), "kid": kid, "alg": "RS256"}
                for kid, key in self.keys.items()
            ]
            return 200, {}, json.dumps({"keys": jwks}).encode()
        if path == "/revocations":
            return 200, {"ETag": '"1"'}, self.feed().encode()
        return 404, {}, b""

    def feed(self, **claims: Any) -> str:
        now = int(self.clock())
        payload = {
            **{"iss": URL, "iat": now, "exp": now + 300, "ttl": 5, "as_of": int(self.as_of or now)},
            **{"cursor": str(now), "full": True, "revoked": self.revoked, **claims},
        }
        headers = {"typ": "revocations+jwt", "kid": self.kid}
        return jwt.encode(payload, self.keys[self.kid], algorithm="RS256", headers=headers)

    def fetched(self, path: str) -> int:
        return sum(url.startswith(f"{URL}{path}") for url, _ in self.requests)
