import os
from dataclasses import dataclass

import jwt


@dataclass
class JwtUser:
    id: str
    email: str | None
    name: str | None
    role: str


def verify_jwt_token(token: str) -> JwtUser | None:
    try:
        claims = jwt.decode(token, os.environ["JWT_SECRET"], algorithms=["HS256"])
    except jwt.PyJWTError:
        return None
    return JwtUser(claims["id"], claims.get("email"), claims.get("name"), claims["role"])
