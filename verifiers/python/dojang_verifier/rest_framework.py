"""The adapter for Django REST framework: authentication classes, and `token_allows` for scopes and roles.

    class Orders(APIView):
        authentication_classes = [DojangAuthentication]
        permission_classes = [token_allows(scopes=["orders:read"])]
"""

from collections.abc import Iterable
from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException
from rest_framework.permissions import BasePermission

from .django import verifier
from .django.users import TokenUser, checked, configured_find_user, find_user
from .errors import TokenError, ids_of
from .refusals import log_refusal
from .token import VerifiedToken


class TokenRefused(APIException):
    """REST framework sends `auth_header` as WWW-Authenticate and `wait` as Retry-After."""

    def __init__(self, error: TokenError) -> None:
        super().__init__()
        log_refusal(error)
        self.detail = error.body
        self.status_code = error.status
        if error.challenge is not None:
            self.auth_header = error.challenge
        if error.retry_after_seconds is not None:
            self.wait = error.retry_after_seconds


class DojangAuthentication(BaseAuthentication):
    """`request.user` is the user that `DOJANG["FIND_USER"]` finds, and `request.auth` the VerifiedToken."""

    def __init__(self) -> None:
        # Fails at the first request, with or without a token.
        configured_find_user()

    def authenticate(self, request: Any) -> tuple[Any, VerifiedToken] | None:
        try:
            token = verifier().authenticate(request.headers.get("Authorization"))
        except TokenError as error:
            if error.verdict == "missing":
                return None
            raise TokenRefused(error) from error
        try:
            return checked(self.find_user(token), token), token
        except TokenError as error:
            raise TokenRefused(error) from error

    def authenticate_header(self, request: Any) -> str:
        return "Bearer"

    def find_user(self, token: VerifiedToken) -> Any | None:
        return find_user(token)


class DojangStatelessAuthentication(DojangAuthentication):
    """`request.user` is a TokenUser. Use it without local users, and in the view that creates one."""

    def __init__(self) -> None:
        """Needs no `DOJANG["FIND_USER"]`."""

    def find_user(self, token: VerifiedToken) -> TokenUser:
        return TokenUser(token)


def token_allows(*, scopes: Iterable[str] = (), roles: Iterable[str] = ()) -> type[BasePermission]:
    """A permission class that needs a token with all of `scopes` and one of `roles`."""
    wanted, named = set(scopes), set(roles)

    class TokenAllows(BasePermission):
        def has_permission(self, request: Any, view: Any) -> bool:
            if request.auth is None:
                return False
            lacks_role = bool(named) and named.isdisjoint(request.auth.roles)
            if lacks_role or not wanted.issubset(request.auth.scopes):
                scope = " ".join(sorted(wanted)) or None
                ids = ids_of(request.auth.claims)
                raise TokenRefused(TokenError("insufficient_scope", scope=scope, verified=ids))
            return True

    return TokenAllows
