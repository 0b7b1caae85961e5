"""A small service for the tests of the kernel's HTTP, as a process of its own with the arguments DATABASE_URL PORT DIRECTORY.

Prints the port in fact, and stops cleanly at SIGTERM. It is forked from a warm process, see `tests.faults.nursery`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import eventlet
from marshmallow import Schema, fields, validate
from sqlalchemy import Column, Integer, String, Table, func, insert, or_, select
from sqlalchemy.exc import IntegrityError

from kernel.clock import Clock
from kernel.context import Context
from kernel.errors import NotFound, NotYetKnown, Refused, Stale, Transient
from kernel.http.endpoint import Header
from kernel.http.entrypoints import Reader, Upload, command, query, upload
from kernel.ids import new_id
from kernel.ops import logs
from kernel.ops.settings import Settings
from kernel.policy.decision import Reason
from kernel.runtime.service import Runtime, ServiceHost
from kernel.runtime.signals import wait_for_stop
from kernel.runtime.timers import every
from kernel.store.database import Database
from kernel.store.keys import KeyStore
from kernel.store.tables import service_metadata
from kernel.unit import Unit

metadata = service_metadata()
note = Table(
    "note",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("path", String(100), nullable=False),
    Column("text", String(200), nullable=False),
    Column("number", Integer, nullable=False, unique=True),
)

SECRETARIES = ("branch_secretary", "branch_clerk")
ORGANISATION = validate.Regexp(r"/([0-9]{4,20}/)+\Z")
DIRECTORY = Path(".")


class Taken(Schema):
    path = fields.String(required=True, validate=ORGANISATION)
    text = fields.String(required=True, validate=validate.Length(min=1, max=200))
    weight = fields.Decimal()


class Note(Schema):
    id = fields.String(required=True)
    path = fields.String(required=True)
    text = fields.String(required=True)
    number = fields.Integer(required=True)


class Search(Schema):
    text = fields.String(validate=validate.Length(max=200))


class Count(Schema):
    rows = fields.Integer(required=True)


class Said(Schema):
    said = fields.String(required=True)


def parse(content: bytes, content_type: str) -> list[str]:
    return content.decode().splitlines()


class Demo:
    """Notes, and whatever can go wrong."""

    name = "demo"

    @command("POST", "/notes", roles=SECRETARIES, body=Taken, answer=Note, summary="Take a note")
    def take(self, unit: Unit, body: dict[str, Any]) -> dict[str, Any]:
        """Takes a note about an organisation."""
        unit.authorise(body["path"])
        match body["text"]:
            case "refused":
                reason = Reason("R0", "JH 1", "不可以", {"age": 17}, "年满十八周岁", False)
                raise Refused([reason])
            case "stale":
                raise Stale("已被更新")
            case "not yet":
                raise NotYetKnown("尚未收到该组织")
            case "transient":
                raise Transient("database host 10.0.0.1 away")
            case "crash":
                raise RuntimeError("a secret inside: 330702199003071234")
            case "slow":
                eventlet.sleep(1.5)
            case "fails once" if not (DIRECTORY / "failed").exists():
                (DIRECTORY / "failed").touch()
                raise Stale("只失败一次")
        row = {"id": new_id(), "path": body["path"], "text": body["text"], "number": self._next(unit)}
        unit.connection.execute(insert(note), row)
        if body["text"] == "wait inside":
            eventlet.sleep(0.3)
        unit.record(
            "note_taken", stream=f"note/{row['id']}", expected=0, home_county="330702", day=unit.today, data={"text": "-"}
        )
        return row

    def _next(self, unit: Unit) -> int:
        return int(unit.connection.execute(select(func.coalesce(func.max(note.c.number), 0))).scalar_one()) + 1

    @query("GET", "/notes", roles=SECRETARIES, params=Search, answer=Note, paged=True, summary="Notes")
    def notes(self, reader: Reader) -> dict[str, Any]:
        mine = or_(*(note.c.path.startswith(path, autoescape=True) for path in reader.paths()))
        found = select(note).where(mine)
        if text := reader.params.get("text"):
            found = found.where(note.c.text == text)
        return reader.page(found, [note.c.number], descending=True)

    @query("GET", "/notes/<id>", roles=SECRETARIES, answer=Note, summary="One note")
    def note(self, reader: Reader, id: str) -> dict[str, Any]:
        row = reader.connection.execute(select(note).where(note.c.id == id)).mappings().first()
        if row is None:
            raise NotFound("没有这条记录")
        reader.authorise(row["path"])
        reader.log_access("read note", f"note/{id}", ["text"])
        return dict(row)

    @query("GET", "/notes/<id>/file", roles=SECRETARIES, summary="One note as bytes", content_type="application/zip")
    def note_file(self, reader: Reader, id: str) -> bytes:
        return f"PK {self.note(reader, id)['text']}".encode()

    @command("POST", "/forgetful", roles=SECRETARIES, summary="Forgets to check the scope")
    def forgetful(self, unit: Unit, body: dict[str, Any]) -> dict[str, Any]:
        unit.connection.execute(insert(note), {"id": new_id(), "path": "/", "text": "-", "number": self._next(unit)})
        return {}

    @query("GET", "/forgetful", roles=SECRETARIES, summary="Forgets to check the scope")
    def forgets(self, reader: Reader) -> dict[str, Any]:
        return {}

    @query("GET", "/chatty", roles=SECRETARIES, answer=Said, summary="Says more than its schema")
    def chatty(self, reader: Reader) -> dict[str, Any]:
        reader.paths()
        return {"said": "a", "id_number": "b"}

    @command("POST", "/replies/<department>", clients="department", body=Said, answer=Said, summary="A department says")
    def reply(self, unit: Unit, body: dict[str, Any], department: str) -> dict[str, Any]:
        unit.authorise_client(department)
        return body

    @command(
        "POST",
        "/callbacks",
        public=True,
        raw=True,
        headers=[Header("webhook-id", "The sender's number", "^[!-~]{1,100}$")],
        answer=Said,
        status=200,
        summary="A signed callback",
    )
    def callback(self, unit: Unit, request: Any) -> dict[str, Any]:
        return {"said": f"{request.headers.get('Webhook-Id', '-')} {len(request.get_data())}"}

    @upload(
        "POST",
        "/imports/notes",
        roles=SECRETARIES,
        content_types=["text/csv"],
        parse=parse,
        answer=Count,
        summary="Import notes",
    )
    def import_notes(self, unit: Unit, upload: Upload) -> dict[str, Any]:
        unit.authorise("/3307/")
        number = self._next(unit)
        rows = [{"id": new_id(), "path": "/3307/", "text": text, "number": number + n} for n, text in enumerate(upload.rows)]
        unit.connection.execute(insert(note), rows)
        return {"rows": len(rows)}

    @command("POST", "/collisions", roles=SECRETARIES, summary="Meets a unique key")
    def collide(self, unit: Unit, body: dict[str, Any]) -> dict[str, Any]:
        unit.authorise("/3307/")
        unit.connection.execute(insert(note), {"id": "same", "path": "/3307/", "text": "-", "number": -1})
        return {}

    @every(0.1, "tick")
    def tick(self, context: Context) -> None:
        with (DIRECTORY / "ticks").open("a") as ticks:
            ticks.write(f"{os.getpid()}\n")
        if (DIRECTORY / "fail").exists():
            raise RuntimeError("a timer that fails")


def main() -> None:
    global DIRECTORY
    url, port = sys.argv[1], int(sys.argv[2])
    DIRECTORY = Path(sys.argv[3])
    logs.configure("demo")
    clock = Clock()
    database = Database(url, "demo")
    if database.sqlite:
        keys = KeyStore(Database(f"sqlite:///{DIRECTORY / 'keys.db'}", "subject_keys"), b"k" * 32, clock)
    else:
        keys = KeyStore(database, b"k" * 32, clock)
    try:
        metadata.create_all(database.engine)
        keys.create_table()
    except IntegrityError:
        print("somebody else makes the tables", file=sys.stderr)
    context = Context("demo", database, keys, clock, policies=None)  # type: ignore[arg-type]
    host = ServiceHost(Demo, Runtime.of(context, Settings.load(os.environ)), port)
    host.start()
    print(f"PORT={host.port}", flush=True)
    wait_for_stop(host)
    host.stop()
    host.wait()
