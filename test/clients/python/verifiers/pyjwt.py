import os

import jwt

ISSUER_URL, AUDIENCE = os.environ["ISSUER_URL"], os.environ["AUDIENCE"]
keys = jwt.PyJWKClient(f"{ISSUER_URL}/.well-known/jwks.json")


def verify(token: str) -> dict:
    """Returns the claims of an access token. Raises jwt.PyJWTError if the token is not valid here."""
    decoded = jwt.decode_complete(
        token,
        keys.get_signing_key_from_jwt(token).key,
        algorithms=["RS256"],
        issuer=ISSUER_URL,
        audience=AUDIENCE,
        leeway=10,
        options={"require": ["exp", "iat", "iss", "aud", "sub"]},
    )
    if decoded["header"].get("typ") != "at+jwt":
        raise jwt.InvalidTokenError("not an access token")
    return decoded["payload"]
