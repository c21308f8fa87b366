"""Plain views with a decorator, and REST framework views with permission classes."""

from django.http import HttpRequest, JsonResponse
from django.urls import path
from dojang_verifier.django import token_required
from dojang_verifier.rest_framework import token_allows
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


def everybody(_request: HttpRequest) -> JsonResponse:
    return JsonResponse({"hello": "everybody"})


class Me(APIView):
    """`request.user` is the local user that `shop.auth.find_user` returns."""

    permission_classes = [IsAuthenticated]

    def get(self, request: Request) -> Response:
        return Response({"subject": request.auth.subject, "user": request.user.pk})


@token_required(scopes=["orders:read"])
def orders(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"of": request.token.subject, "orders": []})


class Admin(APIView):
    permission_classes = [token_allows(roles=["admin"])]

    def get(self, request: Request) -> Response:
        return Response({"admin": request.auth.subject})


urlpatterns = [
    path("", everybody),
    path("me", Me.as_view()),
    path("orders", orders),
    path("admin", Admin.as_view()),
]
