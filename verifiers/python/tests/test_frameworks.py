"""The adapters: what a client of the service sees."""

from typing import Annotated, Any

import django
import pytest
from django.conf import settings
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from issuer import AUDIENCE, URL, Clock, TestIssuer

from dojang_verifier import VerifiedToken, Verifier
from dojang_verifier.fastapi import DojangAuth

issuer = TestIssuer(Clock())


def make_verifier() -> Verifier:
    return Verifier(issuer=URL, audience=AUDIENCE, now=issuer.clock, fetch=issuer.fetch, poll_seconds=3600)


settings.configure(
    ALLOWED_HOSTS=["*"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "rest_framework"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="of-this-test-only",
    DOJANG={"VERIFIER": f"{__name__}.make_verifier"},
)
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.http import JsonResponse  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402

from dojang_verifier.django import token_required  # noqa: E402
from dojang_verifier.rest_framework import DojangAuthentication, token_allows  # noqa: E402


@token_required(scopes=["orders:read"])
def orders(request: Any) -> JsonResponse:
    return JsonResponse({"sub": request.token.subject})


@token_required(roles=["admin"])
def admin(request: Any) -> JsonResponse:
    return JsonResponse({})


class RestOrders(APIView):
    authentication_classes = [DojangAuthentication]
    permission_classes = [token_allows(scopes=["orders:read"])]

    def get(self, request: Any) -> Response:
        return Response({"sub": request.auth.subject, "user": request.user.get_username()})


class RestAdmin(RestOrders):
    permission_classes = [token_allows(roles=["admin"])]


urlpatterns = [
    path("django/orders", orders),
    path("django/admin", admin),
    path("rest/orders", RestOrders.as_view()),
    path("rest/admin", RestAdmin.as_view()),
]

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
def test_a_good_token_opens(framework):
    answer = get(framework, "orders", issuer.token())
    assert answer.status_code == 200
    assert answer.json()["sub"] == "usr_1"


@frameworks
def test_no_token_is_a_bare_challenge(framework):
    answer = get(framework, "orders")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@frameworks
def test_a_bad_token_is_invalid_token(framework):
    answer = get(framework, "orders", issuer.token(aud="https://other.example"))
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert answer.json() == {"error": "invalid_token"}


@frameworks
def test_too_little_scope_or_no_role_is_insufficient_scope(framework):
    answer = get(framework, "orders", issuer.token(scope="openid"))
    assert answer.status_code == 403
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="orders:read"'
    assert get(framework, "admin", issuer.token()).status_code == 403
    assert get(framework, "admin", issuer.token(roles=["admin"])).status_code == 200


@frameworks
def test_a_stale_feed_is_503_with_retry_after(framework):
    get(framework, "orders", issuer.token())
    issuer.clock.now += 301
    issuer.is_down = True
    try:
        answer = get(framework, "orders", issuer.token())
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
    finally:
        issuer.clock.now -= 301
        issuer.is_down = False


def test_users_are_made_at_first_sight_and_once():
    for _ in range(2):
        assert get("rest", "orders", issuer.token(sub="usr_new")).json()["user"] == "usr_new"
        assert get("fastapi", "orders", issuer.token(sub="usr_new")).json()["user"] == "usr_new"
    user = get_user_model().objects.get(username="usr_new")
    assert not user.has_usable_password()
    assert people["usr_new"]["sub"] == "usr_new"


def test_a_local_user_that_was_switched_off_stays_out():
    get("rest", "orders", issuer.token(sub="usr_off"))
    get_user_model().objects.filter(username="usr_off").update(is_active=False)
    assert get("rest", "orders", issuer.token(sub="usr_off")).status_code == 401
