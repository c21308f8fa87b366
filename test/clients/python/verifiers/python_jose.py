import os

from jose import JWTError, jwt

from .jwks import jwks

ISSUER_URL, AUDIENCE = os.environ["ISSUER_URL"], os.environ["AUDIENCE"]


def verify(token: str) -> dict:
    """Returns the claims of an access token. Raises JWTError if the token is not valid here."""
    if jwt.get_unverified_header(token).get("typ") != "at+jwt":
        raise JWTError("not an access token")
    return jwt.decode(
        token,
        jwks(),
        algorithms=["RS256"],
        issuer=ISSUER_URL,
        audience=AUDIENCE,
        options={"leeway": 10, "require_exp": True, "require_sub": True, "require_aud": True, "require_iss": True},
    )
