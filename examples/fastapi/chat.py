"""A chat with one open stream per browser tab. `POST /chat` asks, and `GET /chat` streams to all tabs of the user."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Annotated

from dojang_verifier import TokenError, VerifiedToken
from dojang_verifier.fastapi import DojangAuth
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

HEARTBEAT_SECONDS = 15
"""Proxies close a connection that is silent for a minute."""
CHECK_SECONDS = 0.5
"""How often a stream verifies its token again. The verifier itself hears of a logout within five seconds."""
STAY_SECONDS = 3
"""A tab that reloads, or gets a new token, is back before this time. Then the answer goes on."""
WORD_SECONDS = 0.15
MAX_MESSAGES = 50

ANSWERS = {
    "ko": "이 답은 FastAPI 서비스가 한 단어씩 보내고, Next.js 서버가 받는 대로 넘겨줍니다."
    " 탭을 하나 더 열면 두 탭에 같은 대화가 보입니다."
    " 로그아웃하면 스트림이 5초 안에 끝나고, 탭을 모두 닫으면 서비스가 알아채고 답을 멈춥니다."
    " 실제 서비스라면 여기에서 요금제와 남은 사용량을 확인한 뒤 모델을 부르면 됩니다.",
    "en": "The FastAPI service sends this answer word by word, and the Next.js server passes each word on at once."
    " Open a second tab and you see the same chat in both. After a logout the stream ends within five seconds."
    " If you close every tab, the service notices and stops the answer."
    " A real service checks the plan and the quota of the user here, and then calls its model.",
}


class Question(BaseModel):
    text: str = Field(min_length=1, max_length=2000)


class Conversation:
    """The messages of one user. A real service keeps them in its database."""

    def __init__(self) -> None:
        self.messages: list[dict[str, object]] = []
        self.tabs: set[asyncio.Queue[str]] = set()
        self.answering: asyncio.Task[None] | None = None

    @property
    def is_answering(self) -> bool:
        return self.answering is not None and not self.answering.done()

    def ask(self, text: str, answer: str) -> None:
        self._add({"from": "user", "text": text, "state": "complete"})
        self.answering = asyncio.create_task(self._answer(answer.split()))

    def stop(self) -> None:
        if self.answering is not None:
            self.answering.cancel()

    def enter(self) -> asyncio.Queue[str]:
        tab: asyncio.Queue[str] = asyncio.Queue()
        tab.put_nowait(_event("history", self.messages))
        self.tabs.add(tab)
        return tab

    def leave(self, tab: asyncio.Queue[str]) -> None:
        self.tabs.discard(tab)
        if not self.tabs:
            asyncio.get_running_loop().call_later(STAY_SECONDS, self._stop_without_tabs)

    def _stop_without_tabs(self) -> None:
        # Nobody reads the answer any more, and a model costs money for each word.
        if not self.tabs:
            self.stop()

    async def _answer(self, words: list[str]) -> None:
        message: dict[str, object] = {"from": "service", "text": "", "state": "writing"}
        self._add(message)
        try:
            for word in words:
                await asyncio.sleep(WORD_SECONDS)
                message["text"] = f"{message['text']} {word}".strip()
                self._send("word", word)
            message["state"] = "complete"
        except asyncio.CancelledError:
            message["state"] = "stopped"
        self._send("state", message["state"])

    def _add(self, message: dict[str, object]) -> None:
        self.messages = [*self.messages, message][-MAX_MESSAGES:]
        self._send("message", message)

    def _send(self, event: str, data: object) -> None:
        for tab in self.tabs:
            tab.put_nowait(_event(event, data))


def _event(name: str, data: object) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def chat_routes(auth: DojangAuth) -> APIRouter:
    routes = APIRouter()
    conversations: dict[str, Conversation] = {}

    def conversation(token: Annotated[VerifiedToken, Depends(auth)]) -> Conversation:
        return conversations.setdefault(token.subject, Conversation())

    Own = Annotated[Conversation, Depends(conversation)]

    async def is_allowed(request: Request) -> bool:
        """False after a logout, after the token has expired, and after the reader has left."""
        if await request.is_disconnected():
            return False
        try:
            # In a thread, because an unknown key makes the verifier fetch the keys.
            await asyncio.to_thread(auth.verifier.authenticate, request.headers.get("Authorization"))
        except TokenError:
            return False
        return True

    async def stream(request: Request, own: Conversation) -> AsyncIterator[str]:
        tab = own.enter()
        sent_at = checked_at = time.monotonic()
        try:
            # The browser connects again after a second. The new request has a new token, or is rejected.
            yield "retry: 1000\n\n"
            while True:
                if time.monotonic() - checked_at >= CHECK_SECONDS:
                    if not await is_allowed(request):
                        return
                    checked_at = time.monotonic()
                try:
                    yield await asyncio.wait_for(tab.get(), CHECK_SECONDS)
                    sent_at = time.monotonic()
                except TimeoutError:
                    if time.monotonic() - sent_at >= HEARTBEAT_SECONDS:
                        yield ": still here\n\n"
                        sent_at = time.monotonic()
        finally:
            own.leave(tab)

    @routes.get("/chat")
    async def read(request: Request, own: Own) -> StreamingResponse:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(stream(request, own), media_type="text/event-stream", headers=headers)

    @routes.post("/chat", status_code=202)
    async def ask(question: Question, request: Request, own: Own) -> dict[str, str]:
        if own.is_answering:
            raise HTTPException(409, "The last answer is not finished. Wait, or stop it.")
        language = "ko" if request.headers.get("Accept-Language", "").startswith("ko") else "en"
        own.ask(question.text, ANSWERS[language])
        return {"state": "writing"}

    @routes.delete("/chat", status_code=204)
    async def stop(own: Own) -> None:
        own.stop()

    return routes
