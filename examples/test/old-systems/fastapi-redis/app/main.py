from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordRequestForm
from sqlalchemy import select
from sqlalchemy.orm import Session

from . import security, settings
from .deps import get_current_user, oauth2_scheme
from .models import User, session

app = FastAPI()


@app.post("/login")
def login(form: OAuth2PasswordRequestForm = Depends(), db: Session = Depends(session)):
    user = db.scalar(select(User).where(User.username == form.username))
    if user is None or not user.is_active or not security.passwords.verify(form.password, user.hashed_password):
        raise HTTPException(401, "잘못된 사용자 이름 또는 비밀번호입니다.", {"WWW-Authenticate": "Bearer"})
    return {
        "access_token": security.create_access_token(user.id),
        "refresh_token": security.create_refresh_token(user.id),
        "token_type": "bearer",
    }


@app.post("/logout", status_code=204)
def logout(token: str = Depends(oauth2_scheme), user: User = Depends(get_current_user)):
    security.store.delete(f"refresh_token:{user.id}")
    security.store.setex(f"blacklist:{token}", settings.ACCESS_TOKEN_EXPIRE_MINUTES * 60, "1")


@app.get("/users/me")
def me(user: User = Depends(get_current_user)):
    return {"id": user.id, "username": user.username}
