import os
import sqlite3
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request

from jwt_auth import JwtUser, verify_jwt_token

app = FastAPI()
database = sqlite3.connect(os.environ["NOTES_DATABASE"], check_same_thread=False, isolation_level=None)
database.execute("create table if not exists users (id text primary key, email text, name text)")


def get_current_user(request: Request) -> JwtUser:
    """The person of the token. The service makes a row for each person at the first request."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    user = verify_jwt_token(token) if scheme == "Bearer" else None
    if user is None:
        raise HTTPException(401, "Authentication required")
    row = (user.id, user.email, user.name or user.email)
    database.execute("insert into users values (?, ?, ?) on conflict do nothing", row)
    return user


CurrentUser = Annotated[JwtUser, Depends(get_current_user)]


@app.get("/me")
def me(user: CurrentUser):
    row = database.execute("select id, name from users where id = ?", (user.id,)).fetchone()
    return {"id": row[0], "name": row[1]}


@app.get("/admin")
def admin(user: CurrentUser):
    if user.role != "admin":
        raise HTTPException(403, "Forbidden")
    return {"id": user.id}
