"""Logs why a request was refused, and what helps. Never a token, nor a claim of a token with a wrong signature.

Requests without a token are logged at DEBUG, refused tokens at WARNING, outages at ERROR. Configure the logger
`dojang_verifier.refused` as any other one, for example to turn it off.
"""

import logging
import threading
import time
from collections.abc import Callable

from .errors import TokenError, Verdict

PAUSE_SECONDS = 60
LINES_PER_PAUSE = 10
"""For each verdict, so that a flood of one kind does not hide the others."""

_log = logging.getLogger("dojang_verifier.refused")


class RefusalLog:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counts: dict[Verdict, tuple[float, int]] = {}
        """When the pause of the verdict ends, and its requests until then."""
        self._counting = threading.Lock()

    def __call__(self, error: TokenError) -> None:
        level = _level(error)
        if not _log.isEnabledFor(level):
            return
        left_out = self._left_out_before(error.verdict)
        if left_out is None:
            return
        ids = {name: value for name, value in (error.verified or {}).items() if value is not None}
        named = "".join(f" {name}={value!r}" for name, value in ids.items())
        more = f" {left_out} more like the last ones were not logged." if left_out else ""
        _log.log(
            level,
            "Refused a request with %d (%s). %s%s%s",
            *(error.status, error.verdict, error.help, named, more),
            extra={"dojang": {"verdict": error.verdict, "status": error.status, **ids}},
        )

    def _left_out_before(self, verdict: Verdict) -> int | None:
        """The lines left out before this one, or None if this one is left out too."""
        with self._counting:
            now = self._clock()
            until, requests = self._counts.get(verdict, (now, 0))
            if now >= until:
                self._counts[verdict] = (now + PAUSE_SECONDS, 1)
                return max(requests - LINES_PER_PAUSE, 0)
            self._counts[verdict] = (until, requests + 1)
            return 0 if requests < LINES_PER_PAUSE else None


def _level(error: TokenError) -> int:
    # Every visitor who is not signed in sends a request without a token.
    if error.verdict == "missing":
        return logging.DEBUG
    return logging.ERROR if error.status == 503 else logging.WARNING


log_refusal = RefusalLog()
"""The log of this process. The adapters call it for each refused request."""
