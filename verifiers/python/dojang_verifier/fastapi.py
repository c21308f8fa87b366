"""FastAPI: the verifier as a dependency.

    auth = DojangAuth(verifier)

    @app.get("/orders")
    def orders(token: Annotated[VerifiedToken, Depends(auth.requires(scopes=["orders:read"]))]): ...

    @app.exception_handler(TokenError)  # add_exception_handler(TokenError, refuse) writes the answers
"""

from collections.abc import Callable, Iterable
from typing import Annotated, TypeVar

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer

from .errors import TokenError
from .verifier import VerifiedToken, Verifier

User = TypeVar("User")

_documented = HTTPBearer(auto_error=False, bearerFormat="JWT")
"""Only for the API's own documentation: what the header says is read strictly, by the verifier."""


def refuse(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, TokenError):
        raise error
    return JSONResponse(error.body, status_code=error.status, headers=error.headers)


class DojangAuth:
    """Its dependencies are plain functions, which FastAPI runs in its thread pool: a fetch of keys blocks nobody else."""

    def __init__(self, verifier: Verifier, app: FastAPI | None = None) -> None:
        """`app`: answers a TokenError as RFC 6750 has it."""
        self.verifier = verifier
        if app is not None:
            app.add_exception_handler(TokenError, refuse)

    def __call__(self, request: Request, _: Annotated[object, Depends(_documented)] = None) -> VerifiedToken:
        return self.verifier.authenticate(request.headers.get("Authorization"))

    def requires(self, *, scopes: Iterable[str] = (), roles: Iterable[str] = ()) -> Callable[..., VerifiedToken]:
        """All of `scopes` and one of `roles`: else 403."""
        wanted, named = list(scopes), list(roles)

        def checked(request: Request, _: Annotated[object, Depends(_documented)] = None) -> VerifiedToken:
            return self.verifier.authenticate(request.headers.get("Authorization"), scopes=wanted, roles=named)

        return checked

    def user(self, find_or_create: Callable[[VerifiedToken], User]) -> Callable[..., User]:
        """Your own record of the person, made at first sight. `find_or_create` must bear two calls at once."""

        def current(token: Annotated[VerifiedToken, Depends(self)]) -> User:
            return find_or_create(token)

        return current
