from fastapi import Depends, HTTPException
from fastapi.security import OAuth2PasswordBearer
from jose import JWTError, jwt
from sqlalchemy.orm import Session

from . import settings
from .models import User, session
from .security import store

oauth2_scheme = OAuth2PasswordBearer(tokenUrl="/login")


def get_current_user(token: str = Depends(oauth2_scheme), db: Session = Depends(session)) -> User:
    refused = HTTPException(401, "인증에 실패했습니다.", {"WWW-Authenticate": "Bearer"})
    if store.exists(f"blacklist:{token}"):
        raise refused
    try:
        subject = jwt.decode(token, settings.SECRET_KEY, algorithms=["HS256"])["sub"]
    except JWTError:
        raise refused
    user = db.get(User, int(subject))
    if user is None or not user.is_active:
        raise refused
    return user
