"""The service of server.js, in Python. It reads public keys from .pem files in PEM_DIR or in this folder."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import jwt
import uvicorn
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

ISSUER = os.environ.get("ISSUER", "http://localhost:4000")
AUDIENCE = os.environ.get("AUDIENCE", f"{ISSUER}/api")
FOLDER = Path(os.environ.get("PEM_DIR", Path(__file__).parent))

KEYS = [file.read_bytes() for file in FOLDER.glob("*.pem")]
if not KEYS:
    raise SystemExit(f"There is no .pem file in {FOLDER}. README.md says how to export one.")


def verify(token: str) -> dict[str, Any]:
    # An ID token has the same key and issuer, but another type.
    if jwt.get_unverified_header(token).get("typ") != "at+jwt":
        raise jwt.InvalidTokenError("This is not an access token.")
    for key in KEYS:
        try:
            return jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                issuer=ISSUER,
                audience=AUDIENCE,
                leeway=10,
                options={"require": ["exp", "sub"]},
            )
        except jwt.InvalidSignatureError:
            continue
    raise jwt.InvalidTokenError("The signature matches no key of this service.")


Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]


def authenticate(credentials: Credentials) -> dict[str, Any]:
    challenge = "Bearer"
    if credentials is not None:
        try:
            return verify(credentials.credentials)
        except jwt.InvalidTokenError:
            challenge = 'Bearer error="invalid_token"'
    raise HTTPException(401, "This request needs a valid access token.", {"WWW-Authenticate": challenge})


Claims = Annotated[dict[str, Any], Depends(authenticate)]


def requires(is_allowed: Callable[[dict[str, Any]], bool]) -> Any:
    def check(claims: Claims) -> None:
        if not is_allowed(claims):
            challenge = {"WWW-Authenticate": 'Bearer error="insufficient_scope"'}
            raise HTTPException(403, "The access token does not allow this request.", challenge)

    return Depends(check)


app = FastAPI()


@app.get("/")
def everybody() -> dict[str, str]:
    return {"hello": "everybody"}


@app.get("/me")
def me(claims: Claims) -> dict[str, str]:
    return {"subject": claims["sub"]}


@app.get("/orders", dependencies=[requires(lambda claims: "orders:read" in claims.get("scope", "").split())])
def orders(claims: Claims) -> dict[str, object]:
    return {"of": claims["sub"], "orders": []}


@app.get("/admin", dependencies=[requires(lambda claims: "admin" in claims.get("roles", []))])
def admin(claims: Claims) -> dict[str, str]:
    return {"admin": claims["sub"]}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ.get("PORT", "8005")), log_level="warning")
