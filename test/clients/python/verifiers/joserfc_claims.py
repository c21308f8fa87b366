import os

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from .jwks import jwks

claims = jwt.JWTClaimsRegistry(
    leeway=10,
    iss={"essential": True, "value": os.environ["ISSUER_URL"]},
    aud={"essential": True, "value": os.environ["AUDIENCE"]},
    exp={"essential": True},
    sub={"essential": True},
)


def verify(token: str) -> dict:
    """Returns the claims of an access token. Raises JoseError or ValueError if the token is not valid here."""
    decoded = jwt.decode(token, KeySet.import_key_set(jwks()), algorithms=["RS256"])
    if decoded.header.get("typ") != "at+jwt":
        raise JoseError("not an access token")
    claims.validate(decoded.claims)
    return decoded.claims
