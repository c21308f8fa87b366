"""The adapter for FastAPI: the verifier as a dependency.

    auth = DojangAuth(verifier, app)

    @app.get("/orders")
    def orders(token: Annotated[VerifiedToken, Depends(auth.requires(scopes=["orders:read"]))]): ...
"""

from collections.abc import Callable, Iterable
from typing import Annotated, TypeVar

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer

from .errors import TokenError
from .refusals import log_refusal
from .token import VerifiedToken
from .verifier import Verifier

User = TypeVar("User")

_documented = HTTPBearer(auto_error=False, bearerFormat="JWT")
"""Adds the scheme to the OpenAPI document. The verifier itself parses the header, and more strictly."""


def refuse(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, TokenError):
        raise error
    log_refusal(error)
    return JSONResponse(error.body, status_code=error.status, headers=error.headers)


class DojangAuth:
    """Its dependencies are not async. FastAPI runs them in threads, so a key fetch blocks no request."""

    def __init__(self, verifier: Verifier, app: FastAPI | None = None) -> None:
        """With `app`, a TokenError becomes the response of RFC 6750. Else add the handler `refuse`."""
        self.verifier = verifier
        if app is not None:
            app.add_exception_handler(TokenError, refuse)

    def __call__(self, request: Request, _: Annotated[object, Depends(_documented)] = None) -> VerifiedToken:
        return self.verifier.authenticate(request.headers.get("Authorization"))

    def requires(self, *, scopes: Iterable[str] = (), roles: Iterable[str] = ()) -> Callable[..., VerifiedToken]:
        """A dependency that needs all `scopes` and one of `roles`, and answers 403 otherwise."""
        wanted, named = list(scopes), list(roles)

        def checked(request: Request, _: Annotated[object, Depends(_documented)] = None) -> VerifiedToken:
            return self.verifier.authenticate(request.headers.get("Authorization"), scopes=wanted, roles=named)

        return checked

    def user(self, find_or_create: Callable[[VerifiedToken], User]) -> Callable[..., User]:
        """A dependency that returns your own record of the person.

        `find_or_create` must be safe for concurrent calls. Look the record up by `token.issuer` and `token.subject`,
        because a subject is unique only together with its issuer.
        """

        def current(token: Annotated[VerifiedToken, Depends(self)]) -> User:
            return find_or_create(token)

        return current
