"""HS256 tokens with `sub` and `exp` only, and bcrypt hashes."""

import time

import redis
from jose import jwt
from passlib.context import CryptContext

from . import settings

passwords = CryptContext(schemes=["bcrypt"])
store = redis.Redis.from_url(settings.REDIS_URL, decode_responses=True)


def create_access_token(subject):
    claims = {"sub": str(subject), "exp": int(time.time()) + settings.ACCESS_TOKEN_EXPIRE_MINUTES * 60}
    return jwt.encode(claims, settings.SECRET_KEY, algorithm="HS256")


def create_refresh_token(subject):
    claims = {"sub": str(subject), "exp": int(time.time()) + settings.REFRESH_TOKEN_SECONDS}
    token = jwt.encode(claims, settings.SECRET_KEY, algorithm="HS256")
    store.setex(f"refresh_token:{subject}", settings.REFRESH_TOKEN_SECONDS, token)
    return token
