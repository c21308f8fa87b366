"""The log of refused requests: why, what helps, and never a token."""

import logging

import pytest
from django_site import issuer
from issuer import AUDIENCE, URL
from test_frameworks import database, frameworks, get  # noqa: F401
from test_vectors import CORPUS, make

from dojang_verifier import TokenError
from dojang_verifier.refusals import RefusalLog

LOGGER = "dojang_verifier.refused"
BEFORE_THE_SIGNATURE = {
    *("missing", "too_large", "malformed", "unknown_issuer", "algorithm", "unavailable", "unknown_key"),
    "signature",
}
REFUSED = [vector for vector in CORPUS["vectors"] if vector["expect"]["verdict"] != "ok"]


@pytest.fixture(autouse=True)
def new_pause(monkeypatch):
    """Each test begins with an empty count of lines."""
    for module in ("fastapi", "django", "rest_framework"):
        monkeypatch.setattr(f"dojang_verifier.{module}.log_refusal", RefusalLog())


@frameworks
def test_a_refused_token_is_logged_with_its_reason_and_its_ids(framework, caplog):
    token = issuer.token(aud="https://other.example", jti="t-77")
    get(framework, "orders", token)
    (line,) = [record for record in caplog.records if record.name == LOGGER]
    assert line.levelno == logging.WARNING
    assert line.getMessage() == (
        "Refused a request with 401 (audience). The token is for another API. Get a token for the audience of this "
        f"service. iss='{URL}' aud='https://other.example' kid='{issuer.kid}' jti='t-77'"
    )
    assert line.dojang["verdict"] == "audience"
    assert not any(part in caplog.text for part in token.split("."))


@frameworks
def test_a_missing_scope_is_logged(framework, caplog):
    get(framework, "orders", issuer.token(scope="openid"))
    (line,) = [record for record in caplog.records if record.name == LOGGER]
    assert "403 (insufficient_scope)" in line.getMessage() and f"aud='{AUDIENCE}'" in line.getMessage()


@pytest.mark.parametrize("framework", ["fastapi", "django"])
def test_a_request_without_a_token_is_logged_at_debug_only(framework, caplog):
    with caplog.at_level(logging.DEBUG, LOGGER):
        get(framework, "orders")
    assert [record.levelname for record in caplog.records if record.name == LOGGER] == ["DEBUG"]


@pytest.mark.parametrize("vector", REFUSED, ids=lambda vector: vector["id"])
def test_no_line_contains_a_token_or_a_claim_that_is_not_verified(vector, caplog):
    verifier = make(vector)
    with pytest.raises(TokenError) as refused, caplog.at_level(logging.DEBUG, LOGGER):
        verifier.authenticate(vector["authorization"], **vector.get("needs", {}))
    verifier.stop()
    caplog.clear()
    with caplog.at_level(logging.DEBUG, LOGGER):
        RefusalLog()(refused.value)
    assert refused.value.help in caplog.text
    parts = (vector["authorization"] or "").split(" ")[-1].split(".")
    assert not any(part in caplog.text for part in parts if len(part) > 8)
    if vector["expect"]["verdict"] in BEFORE_THE_SIGNATURE:
        assert refused.value.verified is None


def test_a_flood_gets_ten_lines_per_minute_and_verdict_and_the_next_line_counts_the_others(caplog):
    now = [0.0]
    log = RefusalLog(lambda: now[0])
    for _ in range(25):
        log(TokenError("signature"))
    assert len(caplog.records) == 10
    log(TokenError("malformed"))
    assert len(caplog.records) == 11
    now[0] = 60.0
    log(TokenError("signature"))
    assert caplog.messages[11].endswith("15 more like the last ones were not logged.")
    log(TokenError("signature"))
    assert "were not logged" not in caplog.messages[12]


@pytest.mark.parametrize(("verdict", "level"), [("missing", "DEBUG"), ("expired", "WARNING"), ("stale", "ERROR")])
def test_the_level_says_who_must_act(verdict, level, caplog):
    with caplog.at_level(logging.DEBUG, LOGGER):
        RefusalLog()(TokenError(verdict))
    assert [record.levelname for record in caplog.records] == [level]


def test_a_logger_that_is_off_gets_no_line(caplog):
    with caplog.at_level(logging.CRITICAL, LOGGER):
        RefusalLog()(TokenError("expired"))
    assert caplog.records == []
