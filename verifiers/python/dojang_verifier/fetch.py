"""A GET request with a time limit, a size limit and no redirects."""

import urllib.error
import urllib.request
from collections.abc import Callable, Mapping

TIMEOUT_SECONDS = 3
MAX_BYTES = 16 * 1024 * 1024

Fetch = Callable[[str, Mapping[str, str]], tuple[int, Mapping[str, str], bytes]]
"""(url, headers) -> (status, headers, body). Raises OSError if there is no response."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirects())


def fetch(url: str, headers: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
    request = urllib.request.Request(url, headers={"User-Agent": "dojang-verifier-python/0.1", **headers})
    try:
        with _opener.open(request, timeout=TIMEOUT_SECONDS) as response:
            body = response.read(MAX_BYTES + 1)
            if len(body) > MAX_BYTES:
                raise OSError(f"the response is larger than {MAX_BYTES} bytes")
            return response.status, response.headers, body
    except urllib.error.HTTPError as error:
        with error:
            return error.code, {}, b""


def header(headers: Mapping[str, str], name: str) -> str | None:
    """Header names do not depend on case."""
    return next((value for key, value in headers.items() if key.lower() == name), None)
