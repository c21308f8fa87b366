"""The adapter for Django. Settings:

    DOJANG = {
        "ISSUER": "https://id.example.com",
        "AUDIENCE": "https://api.example.com",
        "NAME": "shop",
        "FIND_USER": "dojang_verifier.django.users.user_by_legacy_id",   # not for token_required
    }

`"VERIFIER": "shop.auth.make_verifier"` replaces the first three. It names a function that returns a Verifier.
"""

from collections.abc import Callable, Iterable
from functools import cache, wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.module_loading import import_string

from ..errors import TokenError
from ..refusals import log_refusal
from ..token import VerifiedToken
from ..verifier import Verifier
from .users import active_user


@cache
def verifier() -> Verifier:
    given: dict[str, Any] = getattr(settings, "DOJANG", {})
    if "VERIFIER" in given:
        return import_string(given["VERIFIER"])()
    try:
        return Verifier(issuer=given["ISSUER"], audience=given["AUDIENCE"], name=given.get("NAME"))
    except KeyError as error:
        raise ImproperlyConfigured(f"The setting DOJANG has no {error}. Add it, or set VERIFIER.") from error


def token_required(*, scopes: Iterable[str] = (), roles: Iterable[str] = ()) -> Callable[..., Any]:
    """Sets `request.token` for a plain view. The token must have all `scopes` and one of `roles`."""
    return _guard(lambda request, token: None, scopes, roles)


def user_required(*, scopes: Iterable[str] = (), roles: Iterable[str] = ()) -> Callable[..., Any]:
    """Also sets `request.user` to the user that `DOJANG["FIND_USER"]` finds, or answers 403 `no_local_user`."""
    def admit(request: HttpRequest, token: VerifiedToken) -> None:
        request.user = active_user(token)

    return _guard(admit, scopes, roles)


def _guard(
    admit: Callable[[HttpRequest, VerifiedToken], None], scopes: Iterable[str], roles: Iterable[str]
) -> Callable[..., Any]:
    wanted, named = list(scopes), list(roles)

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                token = verifier().authenticate(request.headers.get("Authorization"), scopes=wanted, roles=named)
                admit(request, token)
            except TokenError as error:
                log_refusal(error)
                return JsonResponse(error.body, status=error.status, headers=error.headers)
            request.token = token  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

        return guarded

    return decorate
