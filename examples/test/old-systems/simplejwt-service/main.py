from auth import get_current_user
from fastapi import Depends, FastAPI, HTTPException

app = FastAPI()


@app.get("/")
def health():
    return {"ok": True}


@app.get("/protected")
def protected(user: dict = Depends(get_current_user)):
    return {"user_id": user["user_id"], "username": user["username"]}


@app.get("/teach")
def teach(user: dict = Depends(get_current_user)):
    if user["role"] != "instructor":
        raise HTTPException(403, "권한이 없습니다")
    return {"user_id": user["user_id"]}
