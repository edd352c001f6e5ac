"""The echo service in Python: it does what a message says, as server.go does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import msgspec

import thriftwire
from interop.api.echo import EchoErr, EchoSvc, Request, Response
from thriftwire import BizStatusError

BIZ_CODE = 10001
BIZ_MESSAGE = "biz failed: größer"
BIZ_EXTRA = {"k": "v", "ü": "ß"}


class Echo:
    """A handler of EchoSvc. ``seen`` holds what tests wait for: how calls began, were cancelled, were received."""

    def __init__(self, next_: EchoSvc | None = None) -> None:
        self.next = next_
        self.seen: asyncio.Queue[tuple[str, object]] = asyncio.Queue()
        self.release = asyncio.Event()

    async def event(self, name: str) -> object:
        """What was said with the next event of this name."""
        async with asyncio.timeout(20):
            while True:
                said, value = await self.seen.get()
                if said == name:
                    return value

    async def _misbehave(self, message: str) -> None:
        match message:
            case "biz":
                raise BizStatusError(BIZ_CODE, BIZ_MESSAGE, BIZ_EXTRA)
            case "fail":
                raise ValueError("boom")
            case "panic":
                raise ZeroDivisionError("kaboom")
            case "declared":
                raise EchoErr(reason="declared")
            case "hang":
                await self._hang()
            case "hold":
                self.seen.put_nowait(("holding", None))
                await self.release.wait()
            case _:
                pass

    async def _hang(self) -> None:
        call = thriftwire.current()
        assert call is not None
        self.seen.put_nowait(("hanging", None))
        try:
            await asyncio.Event().wait()
        finally:
            self.seen.put_nowait(("cancelled", (call.reason, call.path)))

    @staticmethod
    def _answer(request: Request) -> Response:
        call = thriftwire.current()
        assert call is not None
        match request.message:
            case "big":
                return Response(message="big", n=request.n, blob=bytes(request.n or 0))
            case "meta":
                remaining = call.remaining_ms(asyncio.get_running_loop().time())
                seen = {
                    "transient": call.metadata.upstream,
                    "persistent": call.metadata.persistent,
                    "caller": call.caller,
                    "deadline_ms": remaining,
                }
                return Response(message=msgspec.json.encode(seen).decode())
            case _:
                return Response(message=request.message, n=request.n, blob=request.blob)

    @staticmethod
    def _greet() -> None:
        call = thriftwire.current()
        assert call is not None
        call.headers["hk"] = "hv"
        call.trailers["tk"] = "tv"

    async def ping(self, req: Request) -> Response:
        call = thriftwire.current()
        assert call is not None
        call.metadata.backward["bk"] = "bv"
        await self._misbehave(req.message)
        return self._answer(req)

    async def echo_unary(self, req: Request) -> Response:
        return await self.ping(req)

    async def echo_server(self, req: Request) -> AsyncGenerator[Response, None]:
        if req.message.startswith("chain:"):
            assert self.next is not None
            onward = Request(message=req.message.removeprefix("chain:"), n=req.n)
            async with aclosing(self.next.echo_server(onward)) as replies:
                async for reply in replies:
                    yield reply
            return
        self._greet()
        if req.message in ("partial", "stall", "hold"):
            yield Response(message="first")
            await self._misbehave({"partial": "biz", "stall": "hang"}.get(req.message, req.message))
            yield Response(message="last")
            return
        await self._misbehave(req.message)
        if req.message != "many":
            yield self._answer(req)
            return
        for number in range(req.n or 0):
            yield Response(message="many", n=number, blob=req.blob)

    async def echo_client(self, reqs: AsyncIterator[Request]) -> Response:
        self._greet()
        count, last = 0, ""
        async for request in reqs:
            await self._misbehave(request.message)
            count, last = count + 1, request.message
        if last == "meta":
            return self._answer(Request(message=last))
        return Response(message=f"{count} of {last}", n=count)

    async def echo_bidi(self, reqs: AsyncIterator[Request]) -> AsyncGenerator[Response, None]:
        self._greet()
        async for request in reqs:
            await self._misbehave(request.message)
            yield self._answer(request)

    async def fire(self, req: Request) -> None:
        self.seen.put_nowait(("fired", req.message))
