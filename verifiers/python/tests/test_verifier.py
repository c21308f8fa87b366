"""The verifier without a framework."""

from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from issuer import AUDIENCE, URL, Clock, TestIssuer

from dojang_verifier import Issuer, PublicKey, SharedSecret, TokenError, Verifier


@pytest.fixture
def issuer():
    return TestIssuer(Clock())


@pytest.fixture
def make(issuer):
    def verifier(*issuers, **options):
        options = {"audience": AUDIENCE, "now": issuer.clock, "fetch": issuer.fetch, "poll_seconds": 3600, **options}
        made.append(Verifier(issuer=issuers or URL, **options))
        return made[-1]

    made: list[Verifier] = []
    yield verifier
    for one in made:
        one.stop()


def verdict(verifier, token, **needs):
    try:
        verifier.verify(token, **needs)
    except TokenError as error:
        return error.verdict
    return "ok"


def test_a_valid_token_returns_read_only_claims(issuer, make):
    token = make().verify(issuer.token())
    assert (token.subject, token.issuer, token.roles) == ("usr_1", URL, ["user"])
    assert token.scopes == ["openid", "orders:read"]
    with pytest.raises(TypeError):
        token.claims["sub"] = "usr_2"


def test_the_verifier_fetches_keys_once_and_again_when_they_are_old(issuer, make):
    verifier = make(name="orders")
    for _ in range(5):
        verifier.verify(issuer.token())
    assert issuer.fetched("/jwks") == 1
    assert {"Dojang-Verifier": "orders"} in [headers for url, headers in issuer.requests if url.endswith("/jwks")]
    issuer.clock.now += 300
    verifier.read()
    assert issuer.fetched("/jwks") == 2


def test_an_unknown_kid_fetches_keys_at_most_once_in_30_seconds(issuer, make):
    verifier = make()
    verifier.verify(issuer.token())
    issuer.rotate("key-2")
    assert verdict(verifier, issuer.token()) == "ok"
    fetched = issuer.fetched("/jwks")
    for number in range(20):
        assert verdict(verifier, issuer.token({"kid": f"invented-{number}"})) == "unknown_key"
    assert issuer.fetched("/jwks") == fetched
    issuer.clock.now += 31
    assert verdict(verifier, issuer.token({"kid": "invented"})) == "unknown_key"
    assert issuer.fetched("/jwks") == fetched + 1


def test_ten_key_rotations_in_a_row_reject_no_token(issuer, make):
    verifier = make(max_staleness_seconds=10_000)
    for number in range(2, 12):
        signing = issuer.kid
        issuer.rotate(f"key-{number}")
        published, issuer.kid = issuer.kid, signing
        old = issuer.token()
        assert verdict(verifier, old) == "ok"
        issuer.clock.now += 300
        verifier.read()
        issuer.kid = published
        assert verdict(verifier, issuer.token()) == "ok"
        assert verdict(verifier, old) == "ok"


def test_known_keys_stay_valid_while_the_issuer_is_down(issuer, make):
    verifier = make(max_staleness_seconds=10_000)
    verifier.verify(issuer.token())
    issuer.is_down = True
    issuer.clock.now += 3000
    verifier.read()
    assert verdict(verifier, issuer.token()) == "ok"


def test_keys_that_cannot_be_confirmed_for_an_hour_are_not_trusted_and_work_again_afterwards(issuer, make):
    verifier = make(max_staleness_seconds=10_000)
    verifier.verify(issuer.token())
    issuer.is_down = True
    issuer.clock.now += 3599
    assert verdict(verifier, issuer.token()) == "ok"
    issuer.clock.now += 1
    assert verdict(verifier, issuer.token()) == "unavailable"
    issuer.is_down = False
    issuer.clock.now += 30
    assert verdict(verifier, issuer.token()) == "ok"


def test_a_verifier_that_never_reached_the_issuer_answers_503_without_a_challenge(issuer, make):
    issuer.is_down = True
    with pytest.raises(TokenError) as rejected:
        make().verify(issuer.token())
    assert (rejected.value.verdict, rejected.value.status, rejected.value.challenge) == ("unavailable", 503, None)
    assert rejected.value.headers["Retry-After"] == "2"


@pytest.mark.parametrize(("kind", "value"), [("jti", "t-1"), ("sid", "f-1"), ("sub", "usr_1"), ("client_id", "web")])
def test_a_token_that_the_feed_lists_is_rejected(issuer, make, kind, value):
    verifier = make()
    verifier.verify(issuer.token())
    issuer.revoke(kind, value)
    verifier.read()
    assert verdict(verifier, issuer.token()) == "revoked"
    other = {"jti": "t-2", "sid": "f-2", "sub": "usr_2", "client_id": "app"}[kind]
    assert verdict(verifier, issuer.token(**{kind: other})) == "ok"


def test_a_cutoff_rejects_tokens_of_the_same_second_and_accepts_the_next_second(issuer, make):
    verifier = make()
    now = int(issuer.clock())
    issuer.revoke("sub", "usr_1", cutoff=now)
    assert verdict(verifier, issuer.token(iat=now)) == "revoked"
    assert verdict(verifier, issuer.token(iat=now + 1)) == "ok"


def test_a_token_of_a_revoked_key_is_rejected_although_its_signature_matches(issuer, make):
    verifier = make()
    old = issuer.token()
    verifier.verify(old)
    issuer.rotate("key-2")
    issuer.revoke("kid", "key-1")
    verifier.read()
    assert verdict(verifier, old) == "revoked"
    assert verdict(verifier, issuer.token()) == "ok"


def test_a_feed_signed_with_a_revoked_key_is_ignored(issuer, make):
    verifier = make()
    issuer.rotate("key-2")
    issuer.revoke("kid", "key-1")
    verifier.verify(issuer.token())
    # The thief of the revoked key writes a feed that does not name it.
    issuer.kid = "key-1"
    issuer.revoked["kid"] = {}
    issuer.revoke("sub", "usr_1")
    verifier.read()
    issuer.kid = "key-2"
    assert verdict(verifier, issuer.token()) == "ok"


@pytest.mark.parametrize(
    "claims", [{"iss": "https://evil.example"}, {"exp": 0}, {"iat": 9_999_999_999}, {"revoked": 1}]
)
def test_an_invalid_feed_changes_nothing(issuer, make, claims):
    verifier = make()
    verifier.verify(issuer.token())
    issuer.revoke("sub", "usr_1")
    feed = issuer.feed
    issuer.feed = lambda: feed(**claims)
    verifier.read()
    assert verdict(verifier, issuer.token()) == "ok"


def test_a_later_feed_cannot_weaken_an_entry(issuer, make):
    verifier = make()
    issuer.revoke("sub", "usr_1")
    assert verdict(verifier, issuer.token()) == "revoked"
    issuer.revoke("sub", "usr_1", cutoff=1)
    verifier.read()
    assert verdict(verifier, issuer.token()) == "revoked"
    issuer.revoked["sub"] = {}
    verifier.read()
    assert verdict(verifier, issuer.token()) == "revoked"


def test_a_stale_feed_rejects_or_accepts_tokens_as_configured(issuer, make):
    strict = make(max_staleness_seconds=60)
    lenient = make(max_staleness_seconds=60, when_stale="accept")
    for verifier in (strict, lenient):
        verifier.verify(issuer.token())
    issuer.is_down = True
    issuer.clock.now += 60
    assert verdict(strict, issuer.token()) == "ok"
    issuer.clock.now += 1
    assert verdict(strict, issuer.token()) == "stale"
    assert verdict(lenient, issuer.token()) == "ok"
    assert lenient.stale_accepted == 1


def test_the_age_of_a_feed_counts_from_the_time_the_issuer_read_its_stores(issuer, make):
    verifier = make(max_staleness_seconds=60)
    issuer.as_of = issuer.clock() - 61
    assert verdict(verifier, issuer.token()) == "stale"


def test_a_verifier_without_the_feed_never_requests_it(issuer, make):
    for verifier in (make(Issuer(URL, revocations=False)), make(revocations=False)):
        assert verdict(verifier, issuer.token()) == "ok"
    assert issuer.fetched("/revocations") == 0


def test_tokens_of_the_old_shared_secret_are_accepted_until_its_date(issuer, make):
    secret = "s" * 40
    until = datetime.fromtimestamp(issuer.clock(), UTC) + timedelta(days=1)
    verifier = make(Issuer(URL), SharedSecret(secret, until, subject_claim="user_id"))
    now = int(issuer.clock())
    old = jwt.encode({"user_id": 7, "iat": now, "exp": now + 10_000_000}, secret, algorithm="HS256")
    assert verifier.verify(old).subject == "7"
    assert verdict(verifier, issuer.token()) == "ok"
    other = jwt.encode({"user_id": 7, "exp": now + 60}, "t" * 40, algorithm="HS256")
    assert verdict(verifier, other) == "signature"
    issuer.clock.now += 86_400
    assert verdict(verifier, old) == "unknown_issuer"
    assert secret not in repr(verifier._legacy)


@pytest.mark.parametrize("token_type", ["refresh", "sliding", "", None, 1])
def test_a_shared_secret_token_of_another_token_type_is_rejected(issuer, make, token_type):
    secret, now = "s" * 40, int(issuer.clock())
    until = datetime.fromtimestamp(now, UTC) + timedelta(days=1)
    verifier = make(Issuer(URL), SharedSecret(secret, until, subject_claim="user_id"))
    claims = {"user_id": 7, "exp": now + 60}
    assert verdict(verifier, jwt.encode({**claims, "token_type": token_type}, secret, algorithm="HS256")) == "type"
    assert verdict(verifier, jwt.encode({**claims, "token_type": "access"}, secret, algorithm="HS256")) == "ok"
    assert verdict(verifier, jwt.encode(claims, secret, algorithm="HS256")) == "ok"


def test_a_shared_secret_token_needs_the_required_claims(issuer, make):
    secret, now = "s" * 40, int(issuer.clock())
    until = datetime.fromtimestamp(now, UTC) + timedelta(days=1)
    verifier = make(SharedSecret(secret, until, required_claims={"token_type": "access", "v": "2"}))
    claims = {"sub": "7", "exp": now + 60, "token_type": "access"}
    assert verdict(verifier, jwt.encode({**claims, "v": "2"}, secret, algorithm="HS256")) == "ok"
    assert verdict(verifier, jwt.encode({**claims, "v": "1"}, secret, algorithm="HS256")) == "claims"
    assert verdict(verifier, jwt.encode({**claims, "v": 2}, secret, algorithm="HS256")) == "claims"
    assert verdict(verifier, jwt.encode(claims, secret, algorithm="HS256")) == "claims"


@pytest.mark.parametrize("required", [{"v": 2}, {"v": True}, {"v": ""}, None, ["v"]])
def test_a_shared_secret_rejects_required_claims_that_are_not_text(required):
    with pytest.raises(ValueError, match="required_claims"):
        SharedSecret("s" * 40, datetime.now(UTC) + timedelta(days=1), required_claims=required)


def pem_of(bits=2048, private=False):
    key = rsa.generate_private_key(65537, bits)
    if private:
        return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def test_a_public_key_must_be_an_rsa_public_key_of_2048_bits_with_an_end_date():
    until = datetime.now(UTC) + timedelta(days=1)
    for pem in (pem_of(private=True), pem_of(1024), "-----BEGIN PUBLIC KEY-----", ""):
        with pytest.raises(ValueError, match="pem"):
            PublicKey(pem, until)
    pem = pem_of()
    with pytest.raises(ValueError, match="time zone"):
        PublicKey(pem, until.replace(tzinfo=None))
    both = [SharedSecret("s" * 40, until), PublicKey(pem, until)]
    with pytest.raises(ValueError, match="each issuer once"):
        Verifier(issuer=both, audience="https://api.example.com")
    Verifier(issuer=PublicKey(pem, until), audience="https://api.example.com")


def test_a_hs256_token_of_an_issuer_with_keys_is_rejected(issuer, make):
    now = int(issuer.clock())
    header = {"typ": "at+jwt", "kid": "key-1"}
    token = jwt.encode({"iss": URL, "iat": now, "exp": now + 60}, "s" * 40, algorithm="HS256", headers=header)
    until = datetime.fromtimestamp(issuer.clock(), UTC) + timedelta(days=1)
    for verifier in (make(), make(Issuer(URL), SharedSecret("s" * 40, until))):
        assert verdict(verifier, token) == "algorithm"


def test_a_token_needs_every_scope_and_one_of_the_roles(issuer, make):
    verifier = make()
    verifier.verify(issuer.token(), scopes=["orders:read"], roles=["admin", "user"])
    with pytest.raises(TokenError) as rejected:
        verifier.verify(issuer.token(), scopes=["orders:write"])
    assert rejected.value.status == 403
    assert rejected.value.challenge == 'Bearer error="insufficient_scope", scope="orders:write"'
    assert verdict(verifier, issuer.token(), roles=["admin"]) == "insufficient_scope"


@pytest.mark.parametrize("header", [None, "", "Basic YTpi", "Bearer", "Bearer "])
def test_a_request_without_a_token_gets_a_challenge_without_an_error_code(make, header):
    with pytest.raises(TokenError) as rejected:
        make().authenticate(header)
    error = rejected.value
    assert (error.verdict, error.challenge, error.code) == ("missing", "Bearer", "token_required")


@pytest.mark.parametrize(
    "options",
    [
        *[{"leeway_seconds": 61}, {"poll_seconds": 1}, {"max_staleness_seconds": 5}, {"when_stale": "hope"}],
        *[{"name": "a b"}, {"audience": ""}, {"issuer": []}],
        *[{"issuer": "http://id.example.com"}, {"issuer": [URL, URL]}],
    ],
)
def test_invalid_options_raise_a_value_error(options):
    with pytest.raises(ValueError):
        Verifier(**{"issuer": URL, "audience": AUDIENCE, **options})
