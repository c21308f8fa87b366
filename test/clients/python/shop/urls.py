import jwt
from django.http import JsonResponse
from django.shortcuts import redirect
from django.urls import include, path
from rest_framework.decorators import api_view
from rest_framework.response import Response
from social_django.utils import load_strategy


@api_view(["GET"])
def verified(request):
    return Response({"sub": request.user.id})


def mozilla_me(request):
    id_token = request.session["oidc_id_token"]
    sub = jwt.decode(id_token, options={"verify_signature": False})["sub"]
    return JsonResponse({"sub": sub, "id_token": id_token})


def social_me(request):
    account = request.user.social_auth.get(provider="oidc")
    return JsonResponse({"sub": account.uid, "access_token": account.extra_data["access_token"]})


def social_refresh(request):
    account = request.user.social_auth.get(provider="oidc")
    account.refresh_token(load_strategy())
    return JsonResponse({"access_token": account.extra_data["access_token"]})


urlpatterns = [
    path("", lambda request: JsonResponse({})),
    path("verifiers/simplejwt", verified),
    path("clients/mozilla-django-oidc/login", lambda request: redirect("oidc_authentication_init")),
    path("clients/mozilla-django-oidc/oidc/", include("mozilla_django_oidc.urls")),
    path("clients/mozilla-django-oidc/me", mozilla_me),
    path("clients/social-auth/", include("social_django.urls", namespace="social")),
    path("clients/social-auth/me", social_me),
    path("clients/social-auth/refresh", social_refresh),
]
