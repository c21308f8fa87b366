"""Orders of the user, with a receipt file. They are in memory: a real service keeps them in its database."""

import tempfile
import uuid
from pathlib import Path
from typing import Annotated

from dojang_verifier import VerifiedToken
from dojang_verifier.fastapi import DojangAuth
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field

MAX_ORDERS = 100
MAX_RECEIPT_BYTES = 5 * 1024 * 1024


class NewOrder(BaseModel):
    title: str = Field(min_length=1, max_length=100)
    quantity: int = Field(default=1, ge=1, le=99)


class Quantity(BaseModel):
    quantity: int = Field(ge=1, le=99)


class Order(NewOrder):
    id: str
    receipt_bytes: int | None = None


def order_routes(auth: DojangAuth) -> APIRouter:
    routes = APIRouter()
    orders: dict[str, dict[str, Order]] = {}
    receipts = tempfile.TemporaryDirectory(prefix="receipts-")

    Reader = Annotated[VerifiedToken, Depends(auth.requires(scopes=["orders:read"]))]
    Writer = Annotated[VerifiedToken, Depends(auth.requires(scopes=["orders:write"]))]

    def find(token: VerifiedToken, order_id: str) -> Order:
        order = orders.get(token.subject, {}).get(order_id)
        if order is None:
            raise HTTPException(404, "You have no such order.")
        return order

    def receipt_of(order: Order) -> Path:
        return Path(receipts.name) / order.id

    @routes.get("/orders")
    def read(token: Reader) -> dict[str, object]:
        return {"of": token.subject, "orders": list(orders.get(token.subject, {}).values())}

    @routes.post("/orders", status_code=201)
    def create(new: NewOrder, token: Writer) -> Order:
        own = orders.setdefault(token.subject, {})
        if len(own) >= MAX_ORDERS:
            raise HTTPException(409, "You have too many orders. Delete one first.")
        order = Order(id=uuid.uuid4().hex, **new.model_dump())
        own[order.id] = order
        return order

    @routes.patch("/orders/{order_id}")
    def change(order_id: str, changed: Quantity, token: Writer) -> Order:
        order = find(token, order_id)
        order.quantity = changed.quantity
        return order

    @routes.delete("/orders/{order_id}", status_code=204)
    def delete(order_id: str, token: Writer) -> None:
        order = find(token, order_id)
        receipt_of(order).unlink(missing_ok=True)
        del orders[token.subject][order_id]

    @routes.put("/orders/{order_id}/receipt")
    async def upload(order_id: str, request: Request, token: Writer) -> Order:
        """The body is the file. It goes to the disk in pieces, so a large file needs little memory."""
        order = find(token, order_id)
        part = receipt_of(order).with_suffix(f".{uuid.uuid4().hex}")
        size = 0
        try:
            with part.open("wb") as file:
                async for piece in request.stream():
                    size += len(piece)
                    if size > MAX_RECEIPT_BYTES:
                        raise HTTPException(413, "A receipt has at most 5 MB.")
                    file.write(piece)
            part.replace(receipt_of(order))
        finally:
            part.unlink(missing_ok=True)
        order.receipt_bytes = size
        return order

    @routes.get("/orders/{order_id}/receipt")
    def download(order_id: str, token: Reader) -> FileResponse:
        order = find(token, order_id)
        if order.receipt_bytes is None:
            raise HTTPException(404, "This order has no receipt.")
        # An attachment, so that a file with HTML never runs as a page of the site.
        return FileResponse(receipt_of(order), media_type="application/octet-stream", filename=f"receipt-{order_id}")

    return routes
