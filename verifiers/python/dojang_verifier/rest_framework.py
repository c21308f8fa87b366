"""Django REST framework: `DojangAuthentication` says who, `token_allows` what.

    class Orders(APIView):
        authentication_classes = [DojangAuthentication]
        permission_classes = [token_allows(scopes=["orders:read"])]
"""

from collections.abc import Iterable
from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException
from rest_framework.permissions import BasePermission

from .django import local_user, verifier
from .errors import TokenError
from .verifier import VerifiedToken


class TokenRefused(APIException):
    """The framework sends `auth_header` as WWW-Authenticate and `wait` as Retry-After."""

    def __init__(self, error: TokenError) -> None:
        super().__init__()
        self.detail = error.body
        self.status_code = error.status
        if error.challenge is not None:
            self.auth_header = error.challenge
        if error.retry_after_seconds is not None:
            self.wait = error.retry_after_seconds


class DojangAuthentication(BaseAuthentication):
    """`request.user` is the local user, made at first sight; `request.auth` is the VerifiedToken."""

    def authenticate(self, request: Any) -> tuple[Any, VerifiedToken] | None:
        try:
            token = verifier().authenticate(request.headers.get("Authorization"))
        except TokenError as error:
            if error.verdict == "missing":
                return None
            raise TokenRefused(error) from error
        user = local_user(token)
        if not user.is_active:
            raise TokenRefused(TokenError("revoked"))
        return user, token

    def authenticate_header(self, request: Any) -> str:
        return "Bearer"


def token_allows(*, scopes: Iterable[str] = (), roles: Iterable[str] = ()) -> type[BasePermission]:
    """A permission class: a token with all of `scopes` and one of `roles`."""
    wanted, named = set(scopes), set(roles)

    class TokenAllows(BasePermission):
        def has_permission(self, request: Any, view: Any) -> bool:
            if request.auth is None:
                return False
            lacks_role = bool(named) and named.isdisjoint(request.auth.roles)
            if lacks_role or not wanted.issubset(request.auth.scopes):
                scope = " ".join(sorted(wanted)) or None
                raise TokenRefused(TokenError("insufficient_scope", scope=scope))
            return True

    return TokenAllows
