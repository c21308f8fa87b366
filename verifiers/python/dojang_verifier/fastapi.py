"""The adapter for FastAPI: the verifier as a dependency.

    auth = DojangAuth(verifier, app)

    @app.get("/orders")
    def orders(token: Annotated[VerifiedToken, Depends(auth.requires(scopes=["orders:read"]))]): ...
"""

from collections.abc import Awaitable, Callable, Iterable
from inspect import isawaitable, iscoroutinefunction
from typing import Annotated, Any, TypeVar

from fastapi import Depends, FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer

from .errors import TokenError, ids_of
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

    def user(
        self,
        find_user: Callable[[VerifiedToken], User | None | Awaitable[User | None]],
        *,
        scopes: Iterable[str] = (),
        roles: Iterable[str] = (),
    ) -> Callable[..., Any]:
        """A dependency that returns the user that `find_user` finds for the token, or answers 403 `no_local_user`.

        `find_user` may be async. Look for `token.issuer` and `token.subject` together. Never look for an e-mail address
        or a name, because people choose these themselves.
        """
        wanted = self.requires(scopes=scopes, roles=roles)

        async def current(token: Annotated[VerifiedToken, Depends(wanted)]) -> User:
            # A function that is not async may block, so it runs in a thread.
            found = find_user(token) if iscoroutinefunction(find_user) else await run_in_threadpool(find_user, token)
            user = await found if isawaitable(found) else found
            if user is None:
                raise TokenError("no_local_user", verified=ids_of(token.claims))
            return user

        return current
