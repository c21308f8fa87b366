"""Verifies SimpleJWT's tokens with the public PEM file, as before the migration."""

from pathlib import Path

import jwt
from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

PUBLIC_KEY = Path("public.pem").read_text()


def get_current_user(bearer: HTTPAuthorizationCredentials = Depends(HTTPBearer())) -> dict:
    try:
        claims = jwt.decode(bearer.credentials, PUBLIC_KEY, algorithms=["RS256"])
    except jwt.InvalidTokenError:
        raise HTTPException(401, "유효하지 않은 토큰입니다")
    return {"user_id": int(claims["user_id"]), "username": claims["username"], "role": claims["role"]}
