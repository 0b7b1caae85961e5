"""The departments' systems, played by one stand-alone process for the demo and the tests: `xinhuo department`.

It is somebody else's program: no database, none of the kernel's services, the Standard Webhooks library used directly. Questions come in at
`/<department>/questions` (also `/reminders`, `/withdrawals`), are verified, and answered through the signed callback, again and again
until it is taken. What it answers is said by a script, the first rule that fits; without one everything is clear:

    [{"match": {"department": "police", "id_suffix": "14"},
      "do": {"answer": "concern", "category": "administrative", "statement": "…"}}]

    match   department, id_suffix (end of the ID number), request_id; what is left out fits all
    do      answer, category, statement   the answer (default clear)
            delay_ms                      wait before it
            times                         send it so often, each as a message of its own (duplicates)
            then                          a second answer after the first (another `do`)
            silent                        never answer
            hold                          "release": until POST /control/release; "reminder": until a reminder comes
            wrong_signature               sign with a secret that nobody knows
            refuse                        answer the push with 503 so often before taking it
            ignore_withdrawal             answer although the question was withdrawn

`POST /control/script` sets the rules (a list), `POST /control/release` lets held answers go, `GET /control/seen` tells what came and went,
`GET /healthz` that it lives. Listens on loopback alone. Names and ID numbers are neither logged nor kept.
"""

from __future__ import annotations

import base64
import json
import os
import random
import signal
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import click
import requests
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from services.vetting.connections import Connections, load
from suite.services import BY_NAME, DEPARTMENT_PORT_OFFSET

#: Seconds between tries of a callback: at first, and at most.
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 2.0
#: Answers of the callback that trying again will not change.
FINAL = frozenset({400, 401, 403, 404, 405, 410, 413, 415, 422})
_KINDS = ("questions", "reminders", "withdrawals")


class Department:
    """What is known of questions and how they are answered. All methods may be called from any thread."""

    def __init__(self, connections: Connections, callback: str, seed: int = 0, delay_ms: tuple[int, int] = (0, 0)) -> None:
        self.connections = connections
        self.callback = callback.rstrip("/")
        self.delay_ms = delay_ms
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._script: list[dict[str, Any]] = []
        self._seen: list[dict[str, Any]] = []
        self._sent: list[dict[str, Any]] = []
        self._heard: set[str] = set()
        self._refused: Counter[str] = Counter()
        self._held: dict[str, tuple[str, Mapping[str, Any]]] = {}
        self._withdrawn: set[str] = set()
        self._stopping = threading.Event()

    # -- hearing

    def hear(self, department: str, kind: str, headers: Mapping[str, str], body: bytes) -> int:
        """A push. Returns the HTTP status."""
        connection = self.connections.get(department)
        if connection is None:
            return 404
        if not verified(connection.push_secrets, headers, body):
            self._note(department, kind, headers, {}, "unverified")
            return 401
        try:
            message = json.loads(body)
            request_id = str(message["request_id"])
        except (ValueError, KeyError, TypeError):
            return 400
        do = self._fitting(department, request_id, str(message.get("id_number", "")))
        webhook_id = headers["webhook-id"]
        with self._lock:
            again = webhook_id in self._heard
            refused = self._refused[webhook_id]
            if not again and refused < int(do.get("refuse", 0)):
                self._refused[webhook_id] += 1
                self._append(department, kind, headers, message, "refused")
                return 503
            self._heard.add(webhook_id)
            self._append(department, kind, headers, message, "again" if again else "taken")
        if not again:
            self._act(department, kind, request_id, do)
        return 202

    def _act(self, department: str, kind: str, request_id: str, do: Mapping[str, Any]) -> None:
        if kind == "withdrawals":
            with self._lock:
                self._withdrawn.add(request_id)
        elif kind == "reminders":
            with self._lock:
                held = self._held.get(request_id)
                due = held is not None and held[1].get("hold") == "reminder" and self._held.pop(request_id)
            if due:
                self._start(department, request_id, due[1])
        elif not do.get("silent"):
            if do.get("hold"):
                with self._lock:
                    self._held[request_id] = (department, do)
            else:
                self._start(department, request_id, do)

    def _fitting(self, department: str, request_id: str, id_number: str) -> Mapping[str, Any]:
        with self._lock:
            rules = list(self._script)
        for rule in rules:
            match = rule.get("match", {})
            if (
                match.get("department", department) == department
                and match.get("request_id", request_id) == request_id
                and id_number.endswith(match.get("id_suffix", ""))
            ):
                return dict(rule.get("do", {}))
        return {}

    # -- answering

    def _start(self, department: str, request_id: str, do: Mapping[str, Any]) -> None:
        with self._lock:
            delay = do.get("delay_ms", self._random.randint(*self.delay_ms))
        threading.Thread(target=self._answer, args=(department, request_id, do, delay / 1000), daemon=True).start()

    def _answer(self, department: str, request_id: str, do: Mapping[str, Any], delay: float) -> None:
        if self._stopping.wait(delay):
            return
        with self._lock:
            withdrawn = request_id in self._withdrawn
        if withdrawn and not do.get("ignore_withdrawal"):
            return
        body: dict[str, Any] = {"request_id": request_id, "answer": do.get("answer", "clear")}
        if body["answer"] == "concern":
            body["category"] = do.get("category", "administrative")
            body["statement"] = do.get("statement", "有已生效的处罚决定")
            body["rests_on_concluded_findings"] = do.get("rests_on_concluded_findings", True)
        for _ in range(int(do.get("times", 1))):
            self._deliver(department, request_id, json.dumps(body, ensure_ascii=False).encode(), bool(do.get("wrong_signature")))
        if then := do.get("then"):
            self._answer(department, request_id, then, then.get("delay_ms", 0) / 1000)

    def _deliver(self, department: str, request_id: str, body: bytes, forged: bool) -> None:
        """The same id and bytes at every try, until it is taken or will never be."""
        connection = self.connections.get(department)
        assert connection is not None  # it was heard through one
        secret = _forged() if forged else connection.callback_secrets[-1]
        webhook_id, pause = f"msg_{uuid.uuid4().hex}", FIRST_PAUSE
        while not self._stopping.is_set():
            status = self._post(department, webhook_id, body, secret)
            if status is not None and (200 <= status < 300 or status in FINAL):
                with self._lock:
                    self._sent.append({"department": department, "request_id": request_id, "status": status})
                say("answered" if status < 300 else "answer refused", department=department, request=request_id, status=status)
                return
            self._stopping.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _post(self, department: str, webhook_id: str, body: bytes, secret: str) -> int | None:
        """The status, or None where nobody answers."""
        now = datetime.now(UTC)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": webhook_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(secret).sign(webhook_id, now, body.decode()),
        }
        url = f"{self.callback}/callbacks/{department}"
        session = requests.Session()
        session.trust_env = False
        try:
            with session:
                return session.post(url, data=body, headers=headers, timeout=(3, 30), allow_redirects=False).status_code
        except requests.RequestException as error:
            say("callback away", department=department, error=type(error).__name__)
            return None

    # -- control

    def set_script(self, rules: list[dict[str, Any]]) -> None:
        with self._lock:
            self._script = rules

    def release(self) -> int:
        """Lets all held answers go. Returns how many."""
        with self._lock:
            held, self._held = self._held, {}
        for request_id, (department, do) in held.items():
            self._start(department, request_id, do)
        return len(held)

    def told(self) -> dict[str, Any]:
        with self._lock:
            return {"seen": list(self._seen), "sent": list(self._sent), "held": len(self._held)}

    def stop(self) -> None:
        self._stopping.set()

    def _note(self, department: str, kind: str, headers: Mapping[str, str], message: Mapping[str, Any], what: str) -> None:
        with self._lock:
            self._append(department, kind, headers, message, what)

    def _append(self, department: str, kind: str, headers: Mapping[str, str], message: Mapping[str, Any], what: str) -> None:
        """What came, by the names of its fields: never their values."""
        entry = {
            "department": department,
            "kind": kind,
            "webhook_id": headers.get("webhook-id"),
            "request_id": message.get("request_id"),
            "fields": sorted(message),
            "result": what,
        }
        self._seen.append(entry)
        say(what, department=department, kind=kind, request=entry["request_id"])


def verified(secrets: tuple[str, ...], headers: Mapping[str, str], body: bytes) -> bool:
    for secret in secrets:
        try:
            Webhook(secret).verify(body, dict(headers), json_parse=False)
        except (WebhookVerificationError, ValueError):  # a malformed signature raises a bare ValueError
            continue
        return True
    return False


def _forged() -> str:
    return "whsec_" + base64.b64encode(os.urandom(32)).decode()


def say(event: str, **details: Any) -> None:
    print(json.dumps({"service": "department", "event": event, **details}), file=sys.stderr, flush=True)


class _Handler(BaseHTTPRequestHandler):
    """Routes; the department is the server's."""

    protocol_version = "HTTP/1.1"
    department: Department

    def do_GET(self) -> None:
        match self.path:
            case "/healthz":
                self._reply(200, {"ok": True})
            case "/control/seen":
                self._reply(200, self.department.told())
            case _:
                self._reply(404, {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        match self.path.strip("/").split("/"):
            case ["control", "script"]:
                self._script(body)
            case ["control", "release"]:
                self._reply(200, {"released": self.department.release()})
            case [department, kind] if kind in _KINDS:
                headers = {name.lower(): value for name, value in self.headers.items()}
                self._reply(self.department.hear(department, kind, headers, body), {})
            case _:
                self._reply(404, {})

    def _script(self, body: bytes) -> None:
        try:
            rules = json.loads(body)
        except ValueError:
            rules = None
        if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
            self._reply(400, {"error": "a list of rules"})
            return
        self.department.set_script(rules)
        self._reply(200, {"rules": len(rules)})

    def _reply(self, status: int, value: Any) -> None:
        content = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Quiet: what matters is said by `say`."""


@contextmanager
def serving(department: Department, port: int) -> Iterator[int]:
    """Listens on loopback; 0 takes a free port. Yields the port."""
    handler = type("Handler", (_Handler,), {"department": department})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        department.stop()
        server.shutdown()
        server.server_close()
        thread.join()


@click.command("department")
@click.option("--port", type=int, default=8100 + DEPARTMENT_PORT_OFFSET, show_default=True)
@click.option("--callback", help="审查服务的地址；缺省按端口推算")
@click.option("--seed", type=int, default=0, show_default=True, help="答复延时的随机种子")
@click.option("--delay-ms", type=(int, int), default=(0, 0), show_default=True, help="答复延时的范围（毫秒）")
@click.option("--script", type=click.File("rb"), help="应答规则（JSON 列表）")
def department(port: int, callback: str | None, seed: int, delay_ms: tuple[int, int], script: Any) -> None:
    """模拟各部门系统的进程（开发环境）。"""
    base = port - DEPARTMENT_PORT_OFFSET
    address = callback or f"http://127.0.0.1:{BY_NAME['vetting'].port(base)}"
    played = Department(load({**os.environ, "XINHUO_BASE_PORT": str(max(base, 1024))}), address, seed, delay_ms)
    if script is not None:
        played.set_script(json.load(script))
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with serving(played, port) as listening:
        print(listening, flush=True)
        while not stop.is_set():
            # Waiting in pieces: a signal is handled between them, also where a plain wait would not be interrupted.
            time.sleep(0.1)


if __name__ == "__main__":
    department()
