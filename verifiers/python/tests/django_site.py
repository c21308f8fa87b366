"""A small Django project for the tests: settings, views and the functions that map a token to a user."""

from datetime import UTC, datetime
from typing import Any

import django
from django.conf import settings
from issuer import AUDIENCE, URL, Clock, TestIssuer

from dojang_verifier import SharedSecret, VerifiedToken, Verifier

SECRET_KEY = "the-secret-key-of-the-django-project-in-these-tests"
issuer = TestIssuer(Clock())


def make_verifier() -> Verifier:
    until = datetime.fromtimestamp(issuer.clock() + 86_400, UTC)
    simplejwt = SharedSecret(SECRET_KEY, until, subject_claim="user_id", required_claims={"token_type": "access"})
    return Verifier(
        issuer=[URL, simplejwt], audience=AUDIENCE, now=issuer.clock, fetch=issuer.fetch, poll_seconds=3600
    )


settings.configure(
    ALLOWED_HOSTS=["*"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "rest_framework",
        "dojang_verifier.django",
    ],
    ROOT_URLCONF=__name__,
    SECRET_KEY=SECRET_KEY,
    DOJANG={"VERIFIER": f"{__name__}.make_verifier", "FIND_USER": f"{__name__}.find_or_create_user"},
)
django.setup()

from django.http import JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework.permissions import IsAuthenticated  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402

from dojang_verifier.django import token_required, user_required  # noqa: E402
from dojang_verifier.django.users import create_linked_user, linked_user, user_by_claim  # noqa: E402
from dojang_verifier.rest_framework import (  # noqa: E402
    DojangAuthentication,
    DojangStatelessAuthentication,
    token_allows,
)


def find_or_create_user(token: VerifiedToken) -> Any:
    """For a project that has no users from an older system."""
    return linked_user(token) or create_linked_user(token)


def find_migrated_user(token: VerifiedToken) -> Any | None:
    """For a project that had SimpleJWT: docs/migrate-from-simplejwt.md."""
    if token.issuer is None:
        return user_by_claim(token, "user_id")
    return user_by_claim(token, "legacy_id") or linked_user(token)


@token_required(scopes=["orders:read"])
def orders(request: Any) -> JsonResponse:
    return JsonResponse({"sub": request.token.subject})


@token_required(roles=["admin"])
def admin(request: Any) -> JsonResponse:
    return JsonResponse({})


@user_required(scopes=["orders:read"])
def me(request: Any) -> JsonResponse:
    return JsonResponse({"sub": request.token.subject, "name": request.user.get_username()})


class RestOrders(APIView):
    authentication_classes = [DojangAuthentication]
    permission_classes = [token_allows(scopes=["orders:read"])]

    def get(self, request: Any) -> Response:
        return Response({"sub": request.auth.subject, "user": request.user.get_username()})


class RestAdmin(RestOrders):
    permission_classes = [token_allows(roles=["admin"])]


class Me(APIView):
    authentication_classes = [DojangAuthentication]
    permission_classes = [IsAuthenticated]

    def get(self, request: Any) -> Response:
        return Response({"pk": request.user.pk, "name": request.user.get_username()})


class StatelessMe(Me):
    authentication_classes = [DojangStatelessAuthentication]


urlpatterns = [
    path("django/orders", orders),
    path("django/admin", admin),
    path("django/me", me),
    path("rest/orders", RestOrders.as_view()),
    path("rest/admin", RestAdmin.as_view()),
    path("rest/me", Me.as_view()),
    path("rest/stateless/me", StatelessMe.as_view()),
]
