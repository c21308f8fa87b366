"""Django. Settings:

    DOJANG = {"ISSUER": "https://id.example.com", "AUDIENCE": "https://api.example.com", "NAME": "shop"}

or `{"VERIFIER": "shop.auth.make_verifier"}`, a function that makes the Verifier, where there is more to say.
"""

from collections.abc import Callable, Iterable
from functools import cache, wraps
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.module_loading import import_string

from .errors import TokenError
from .verifier import VerifiedToken, Verifier


@cache
def verifier() -> Verifier:
    given: dict[str, Any] = getattr(settings, "DOJANG", {})
    if "VERIFIER" in given:
        return import_string(given["VERIFIER"])()
    try:
        return Verifier(issuer=given["ISSUER"], audience=given["AUDIENCE"], name=given.get("NAME"))
    except KeyError as error:
        raise ImproperlyConfigured(f"DOJANG needs {error}") from error


def token_required(*, scopes: Iterable[str] = (), roles: Iterable[str] = ()) -> Callable[..., Any]:
    """For plain views, which find the VerifiedToken in `request.token`. All of `scopes`, one of `roles`."""
    wanted, named = list(scopes), list(roles)

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                token = verifier().authenticate(request.headers.get("Authorization"), scopes=wanted, roles=named)
            except TokenError as error:
                return JsonResponse(error.body, status=error.status, headers=error.headers)
            request.token = token  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def local_user(token: VerifiedToken) -> Any:
    """Django's own user for the person, made at first sight, with an unusable password."""
    users = get_user_model()
    user, created = users.objects.get_or_create(**{users.USERNAME_FIELD: token.subject})
    if created:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user
