"""A server on this machine that speaks the vendors' protocols, makes trouble by plan and keeps a ledger.

Run as ``python loopback_server.py PLAN LEDGER``: it prints its port when it listens, and appends a line of
JSON to the ledger for every request, before it replies.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import sys
import time
from collections import Counter, deque
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from loopback_batches import FilesAndBatches
from loopback_gemini import GenerateContent
from loopback_gemini_batches import GeminiBatchJobs
from loopback_openai import ChatCompletions
from loopback_plan import RETRY_AFTER, Entry, Plan, hashed
from loopback_service import Request, Response

if TYPE_CHECKING:
    from loopback_service import Service

SERVICES: tuple[Service, ...] = (
    ChatCompletions(),
    GenerateContent(),
    GeminiBatchJobs(),
    FilesAndBatches(),
)

_FOREIGN = {
    "HTML": Response(
        200, b"<html><body>Please log in.</body></html>", {"Content-Type": "text/html; charset=utf-8"}
    ),
    "empty body": Response(200, b""),
    "endless": Response(200, b" " * 2**21),
}
"""Replies that no vendor's protocol knows."""


class Loopback(ThreadingHTTPServer):
    """The server, with what it remembers of all requests."""

    request_queue_size = 128
    daemon_threads = True

    def __init__(self, plan: Plan, ledger: Path) -> None:
        super().__init__(("127.0.0.1", plan.port), Handler)
        self.plan = plan
        self._ledger = ledger.open("a", encoding="utf-8")
        self._lock = Lock()
        self._seen: Counter[str] = Counter()
        self._window: deque[tuple[float, int]] = deque()
        self._requests = 0
        if ledger.stat().st_size:
            # A server that comes back goes on in its plan.
            for line in ledger.read_text().splitlines():
                self._seen[json.loads(line)["question"]] += 1

    def handle_error(self, *_: object) -> None:
        """Nothing: clients that go away are what is being tested."""

    def decide(self, service: Service, request: Request, at: float) -> tuple[str, Response]:
        """What befalls a request, and the reply; both are in the ledger when this returns."""
        plan = self.plan
        asked = service.asked(request)
        question = hashed(json.dumps(asked, sort_keys=True)) if asked else ""
        with self._lock:
            self._requests += 1
            if plan.dies_after is not None and self._requests >= plan.dies_after:
                os._exit(3)
            attempt = self._seen[question]
            self._seen[question] += 1
            fault = plan.fault(question, attempt) if question else plan.fatal
            reply = service.respond(request, plan) if not fault else None
            if question and self._too_many(at, reply.tokens if reply else 0):
                fault, reply = "limited", service.failure("429")
            entry = Entry(
                at,
                request.method,
                request.path,
                hashed(service.key(request)) if service.key(request) else "",
                question,
                dict(asked),
                fault or "answered",
                reply.tokens if reply else 0,
            )
            self._ledger.write(json.dumps(asdict(entry)) + "\n")
            self._ledger.flush()
        return fault, reply or _trouble(service, request, plan, fault)

    def _too_many(self, at: float, tokens: int) -> bool:
        plan, window = self.plan, self._window
        window.append((at, tokens))
        while window[0][0] <= at - plan.window:
            window.popleft()
        many = plan.requests is not None and len(window) > plan.requests
        return many or (plan.tokens is not None and sum(tokens for _, tokens in window) > plan.tokens)


def _trouble(service: Service, request: Request, plan: Plan, fault: str) -> Response:
    match fault:
        case "429 with Retry-After":
            said = service.failure("429")
            return Response(said.status, said.body, {**said.headers, "Retry-After": str(RETRY_AFTER)})
        case "redirect":
            return Response(307, b"", {"Location": f"{plan.elsewhere}{request.path}"})
        case "echo":
            return Response(200, f"Your key is {service.key(request)}.".encode())
        case "reset" | "time-out" | "trickle" | "cut JSON" | "cut body" | "garbled JSON":
            return service.respond(request, plan)
    return _FOREIGN[fault] if fault in _FOREIGN else service.failure(fault)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Loopback

    def _serve(self) -> None:
        at = time.monotonic()
        length = int(self.headers.get("content-length", "0"))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, self.rfile.read(length))
        service = next((each for each in SERVICES if each.takes(request)), None)
        if service is None:
            self._send(Response(404, b'{"error": {"message": "no such path"}}'))
            return
        fault, response = self.server.decide(service, request, at)
        if self.server.plan.delay:
            time.sleep(self.server.plan.delay)
        self._misbehave(fault, response)

    do_GET = do_POST = do_DELETE = do_PUT = _serve  # noqa: N815 - as http.server wants them

    def _misbehave(self, fault: str, response: Response) -> None:
        body = response.body
        match fault:
            case "reset":
                # A connection closed with nothing lingering is reset.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                self.close_connection = True
            case "time-out":
                time.sleep(self.server.plan.hold)
                self.close_connection = True
            case "trickle":
                self._trickle(response)
            case "cut JSON":
                self._send(Response(response.status, body[: len(body) // 2]))
            case "cut body":
                self._send(Response(response.status, body[: len(body) // 2]), length=len(body))
                self.close_connection = True
            case "garbled JSON":
                self._send(Response(response.status, b'{"choices": [}{' + body[::-1]))
            case _:
                self._send(response)

    def _send(self, response: Response, *, length: int | None = None) -> None:
        self.wfile.write(self._head(response, length) + response.body)

    def _trickle(self, response: Response) -> None:
        """A byte now and then, each soon enough for a time-out that looks at one read only."""
        self.wfile.write(self._head(response, None))
        end = time.monotonic() + self.server.plan.hold
        for byte in response.body:
            if time.monotonic() > end:
                break
            self.wfile.write(bytes([byte]))
            time.sleep(0.2)
        self.close_connection = True

    def _head(self, response: Response, length: int | None) -> bytes:
        lines = [f"HTTP/1.1 {response.status} Said"]
        lines += [f"{name}: {value}" for name, value in response.headers.items()]
        lines += [f"Content-Length: {len(response.body) if length is None else length}", "", ""]
        return "\r\n".join(lines).encode()

    def log_message(self, *_: object) -> None:
        """Nothing: the ledger has it."""


def main(plan: str, ledger: str) -> None:
    server = Loopback(Plan.from_json(plan), Path(ledger))
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
