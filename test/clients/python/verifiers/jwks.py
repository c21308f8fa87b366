import os
import threading
import time

import requests

URL = f"{os.environ['ISSUER_URL']}/.well-known/jwks.json"
MAX_AGE, MAX_AGE_WITHOUT_ISSUER = 30, 3600
lock = threading.Lock()
fetched_at, key_set = float("-inf"), {}


def jwks() -> dict:
    """The keys of the issuer, at most 30 seconds old. While the issuer is down, at most an hour old."""
    global fetched_at, key_set
    with lock:
        age = time.monotonic() - fetched_at
        if age > MAX_AGE:
            try:
                response = requests.get(URL, timeout=3)
                response.raise_for_status()
                fetched_at, key_set = time.monotonic(), response.json()
            except requests.RequestException:
                if age > MAX_AGE_WITHOUT_ISSUER:
                    raise
        return key_set
