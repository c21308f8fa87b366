"""Measures the whole verification and the signature alone, with 1,000 revocations: python tests/bench.py"""

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1])]

import jwt  # noqa: E402
from issuer import AUDIENCE, URL, Clock, TestIssuer  # noqa: E402

from dojang_verifier import Verifier  # noqa: E402


def microseconds(work: Callable[[], object]) -> float:
    times = []
    for _ in range(3000):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1e6


issuer = TestIssuer(Clock())
for number in range(1000):
    issuer.revoke("sid", f"other-{number}")
verifier = Verifier(issuer=URL, audience=AUDIENCE, now=issuer.clock, fetch=issuer.fetch, poll_seconds=3600)
token, key = issuer.token(), issuer.keys[issuer.kid].public_key()
unchecked = {f"verify_{name}": False for name in ("exp", "iat", "nbf", "aud", "iss", "sub", "jti")}
whole = microseconds(lambda: verifier.verify(token))
signature = microseconds(lambda: jwt.decode(token, key, algorithms=["RS256"], options=unchecked))
verifier.stop()
print(f"verify {whole:.0f} us, signature alone {signature:.0f} us, difference {whole - signature:.0f} us")
