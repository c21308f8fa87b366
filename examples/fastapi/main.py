"""A FastAPI service that verifies tokens offline. After a logout, requests fail and streams end within five seconds."""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import uvicorn
from dojang_verifier import VerifiedToken, Verifier
from dojang_verifier.fastapi import DojangAuth
from fastapi import Depends, FastAPI
from fastapi.middleware.cors import CORSMiddleware

from chat import chat_routes
from orders import order_routes

ISSUER = os.environ.get("ISSUER", "http://localhost:4000")
AUDIENCE = os.environ.get("AUDIENCE", f"{ISSUER}/api")
# Pages on these origins may read the answers, for example the single-page app in ../spa.
ALLOWED_ORIGINS = os.environ.get("ALLOWED_ORIGINS", "http://localhost:5173").split(",")

verifier = Verifier(issuer=ISSUER, audience=AUDIENCE, name="example-fastapi")
people = sqlite3.connect(os.environ.get("PEOPLE", "people.sqlite3"), check_same_thread=False, isolation_level=None)
people.execute("create table if not exists people (subject text primary key, number integer, first_seen text)")


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    await asyncio.to_thread(verifier.start)
    yield
    verifier.stop()


app = FastAPI(lifespan=lifespan)
app.add_middleware(CORSMiddleware, allow_origins=ALLOWED_ORIGINS, allow_headers=["Authorization"], max_age=600)
auth = DojangAuth(verifier, app)


def find_or_create(token: VerifiedToken) -> dict[str, object]:
    """One row per person, also for concurrent first requests. One issuer, so `subject` is unique."""
    people.execute(
        "insert into people (subject, number, first_seen)"
        " select ?, (select count(*) + 1 from people), datetime('now') on conflict do nothing",
        (token.subject,),
    )
    subject, number = people.execute(
        "select subject, number from people where subject = ?", (token.subject,)
    ).fetchone()
    return {"subject": subject, "number": number}


Person = Annotated[dict[str, object], Depends(auth.user(find_or_create))]
Admin = Annotated[VerifiedToken, Depends(auth.requires(roles=["admin"]))]


@app.get("/")
def everybody() -> dict[str, str]:
    return {"hello": "everybody"}


@app.get("/me")
def me(person: Person) -> dict[str, object]:
    return person


@app.get("/admin")
def admin(token: Admin) -> dict[str, object]:
    return {"admin": token.subject}


app.include_router(order_routes(auth))
app.include_router(chat_routes(auth))


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ.get("PORT", "8001")), log_level="warning")
