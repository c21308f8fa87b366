"""The framework adapters, as a client of the service sees them."""

from typing import Annotated, Any

import pytest
from django_site import issuer, make_verifier
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient

from dojang_verifier import TokenError, VerifiedToken
from dojang_verifier.fastapi import DojangAuth

app = FastAPI()
auth = DojangAuth(make_verifier(), app)
people: dict[str, dict[str, Any]] = {}


def person(token: VerifiedToken) -> dict[str, Any]:
    return people.setdefault(token.subject, {"sub": token.subject})


@app.get("/fastapi/orders")
def fastapi_orders(
    token: Annotated[VerifiedToken, Depends(auth.requires(scopes=["orders:read"]))],
    user: Annotated[dict[str, Any], Depends(auth.user(person))],
) -> dict[str, Any]:
    return {"sub": token.subject, "user": user["sub"]}


@app.get("/fastapi/admin")
def fastapi_admin(_token: Annotated[VerifiedToken, Depends(auth.requires(roles=["admin"]))]) -> dict[str, Any]:
    return {}


@pytest.fixture(scope="module", autouse=True)
def database():
    call_command("migrate", verbosity=0)


def get(framework: str, what: str, token: str | None = None):
    client = TestClient(app) if framework == "fastapi" else Client()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return client.get(f"/{framework}/{what}", headers=headers)


frameworks = pytest.mark.parametrize("framework", ["fastapi", "django", "rest"])


@frameworks
def test_a_valid_token_is_accepted(framework):
    answer = get(framework, "orders", issuer.token())
    assert answer.status_code == 200
    assert answer.json()["sub"] == "usr_1"


@frameworks
def test_a_request_without_a_token_gets_a_challenge_without_an_error_code(framework):
    answer = get(framework, "orders")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    # REST framework itself answers here, because a view may accept requests without a token.
    assert answer.json()["detail"]
    assert framework == "rest" or answer.json()["code"] == "token_required"


@frameworks
def test_an_invalid_token_gets_the_error_invalid_token(framework):
    answer = get(framework, "orders", issuer.token(aud="https://other.example"))
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert answer.json() == {"detail": "The access token is not valid. It may have expired.", "code": "invalid_token"}


@frameworks
def test_a_missing_scope_or_role_gets_the_error_insufficient_scope(framework):
    answer = get(framework, "orders", issuer.token(scope="openid"))
    assert answer.status_code == 403
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="orders:read"'
    assert answer.json() == {
        "detail": "The access token does not allow this request.",
        "code": "insufficient_scope",
    }
    assert get(framework, "admin", issuer.token()).status_code == 403
    assert get(framework, "admin", issuer.token(roles=["admin"])).status_code == 200


@frameworks
def test_a_stale_feed_answers_503_with_retry_after(framework):
    get(framework, "orders", issuer.token())
    issuer.clock.now += 301
    issuer.is_down = True
    try:
        answer = get(framework, "orders", issuer.token())
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
        assert answer.json()["code"] == "temporarily_unavailable"
    finally:
        issuer.clock.now -= 301
        issuer.is_down = False


class Broken(Exception):
    """An error of the app."""


def find_person(token: VerifiedToken) -> dict[str, Any] | None:
    if token.subject == "usr_blocked":
        raise TokenError("revoked")
    if token.subject == "usr_broken":
        raise Broken
    return {"name": "Kim"} if token.subject == "usr_1" else None


async def find_person_later(token: VerifiedToken) -> dict[str, Any] | None:
    return find_person(token)


for hook in (find_person, find_person_later):

    @app.get(f"/fastapi/{hook.__name__}")
    def fastapi_me(user: Annotated[dict[str, Any], Depends(auth.user(hook, scopes=["orders:read"]))]) -> dict[str, Any]:
        return user


@pytest.mark.parametrize("hook", ["find_person", "find_person_later"])
def test_a_fastapi_route_gets_the_user_of_the_token_or_answers_403(hook):
    assert get("fastapi", hook, issuer.token()).json() == {"name": "Kim"}
    nobody = get("fastapi", hook, issuer.token(sub="usr_2"))
    assert (nobody.status_code, nobody.json()["code"]) == (403, "no_local_user")
    assert "WWW-Authenticate" not in nobody.headers
    assert get("fastapi", hook, issuer.token(sub="usr_blocked")).json()["code"] == "invalid_token"
    assert get("fastapi", hook, issuer.token(scope="openid")).json()["code"] == "insufficient_scope"
    with pytest.raises(Broken):
        get("fastapi", hook, issuer.token(sub="usr_broken"))


def test_a_new_subject_creates_one_user():
    for _ in range(2):
        assert get("rest", "orders", issuer.token(sub="usr_new")).json()["user"] == "usr_new"
        assert get("fastapi", "orders", issuer.token(sub="usr_new")).json()["user"] == "usr_new"
    user = get_user_model().objects.get(username="usr_new")
    assert not user.has_usable_password()
    assert people["usr_new"]["sub"] == "usr_new"


def test_a_deactivated_local_user_is_rejected():
    get("rest", "orders", issuer.token(sub="usr_off"))
    get_user_model().objects.filter(username="usr_off").update(is_active=False)
    assert get("rest", "orders", issuer.token(sub="usr_off")).status_code == 401
