"""Runs the shared test vectors (../../vectors/README.md), which every verifier passes."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dojang_verifier import Issuer, PublicKey, SharedSecret, TokenError, Verifier

CORPUS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors" / "corpus.json").read_text())


def make(vector: dict[str, Any]) -> Verifier:
    described = CORPUS["verifiers"][vector["verifier"]]
    world = CORPUS["worlds"][described["world"]]

    def fetch(url: str, _headers: Any) -> tuple[int, dict[str, str], bytes]:
        answer = world.get(url.partition("?")[0])
        if answer is None:
            raise OSError("no connection")
        return answer["status"], answer.get("headers", {}), answer["body"].encode()

    def issuer(given: str | dict[str, Any]) -> str | Issuer | SharedSecret | PublicKey:
        if isinstance(given, str):
            return given
        if "until" in given:
            legacy = PublicKey if "pem" in given else SharedSecret
            return legacy(**{**given, "until": datetime.fromtimestamp(given["until"], UTC)})
        return Issuer(**given)

    options = dict(described["options"])
    issuers = [issuer(one) for one in options.pop("issuer")]
    return Verifier(issuer=issuers, fetch=fetch, now=lambda: vector["now"], **options)


@pytest.mark.parametrize("vector", CORPUS["vectors"], ids=lambda vector: vector["id"])
def test_vector(vector: dict[str, Any]) -> None:
    assert CORPUS["format"] == 1
    expected = vector["expect"]
    verifier = make(vector)
    verifier.start()
    try:
        token = verifier.authenticate(vector["authorization"], **vector.get("needs", {}))
        assert expected["verdict"] == "ok", vector["says"]
        assert token.subject == expected["subject"]
        assert token.scopes == expected.get("scopes", token.scopes)
        assert token.roles == expected.get("roles", token.roles)
    except TokenError as error:
        assert error.verdict == expected["verdict"], vector["says"]
        assert error.status == expected["status"]
        assert error.error == expected.get("error")
        if error.challenge and "scope" in expected:
            assert f'scope="{expected["scope"]}"' in error.challenge
    finally:
        verifier.stop()
