"""Builders for the registry's tests: actors, sheets, a small tree."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from kernel.actor import Actor, Post
from kernel.clock import SimulatedClock
from kernel.context import Context
from kernel.id_number import check_character
from kernel.policy import shipped_book
from kernel.store.database import Database
from kernel.store.keys import SCHEMA, KeyStore
from kernel.unit import Unit, command
from services.registry import tables
from services.registry.commands import members, organisations
from services.registry.sheets import ReadFile, read_file
from tests.kit import MASTER, TODAY, a_context

CITY, COUNTY, COMMITTEE, BRANCH, OTHER_BRANCH = "/3307/", "330702", "330702001", "330702001001", "330702001002"
COMMITTEE_PATH = f"/3307/{COUNTY}/{COMMITTEE}/"
BRANCH_PATH = f"{COMMITTEE_PATH}{BRANCH}/"

DIVISIONS = (
    ("330702", "婺城区", "county", "3307"),
    ("330703", "金东区", "county", "3307"),
    ("330702001", "城东街道", "township", "330702"),
    ("330703001", "多湖街道", "township", "330703"),
    ("330702001001", "东市街社区居委会", "village", "330702001"),
    ("330702001002", "上浮桥村委会", "village", "330702001"),
    ("330703001001", "康济社区居委会", "village", "330703001"),
)


def a_registry(directory: Path, url: str | None = None) -> Context:
    """A registry with the small tree of `DIVISIONS`. `url`: on a PostgreSQL database, provisioned."""
    if url:
        clock = SimulatedClock(TODAY)
        keys = KeyStore(Database(url, SCHEMA), MASTER, clock)
        context = Context("registry", Database(url, "registry"), keys, clock, shipped_book())
    else:
        context = a_context(directory, "registry", metadata=tables.metadata)
    with acting(context, administrator()) as unit:
        organisations.import_divisions(unit, a_file(DIVISIONS, ("code", "name", "level", "parent")))
    return context


def an_actor(account: str, role: str, path: str, until: date | None = None) -> Actor:
    code = path.strip("/").rpartition("/")[2]
    return Actor(account, (Post(f"post of {account}", role, code, path, date(2010, 1, 1), until),))


def administrator(path: str = CITY) -> Actor:
    return an_actor("administrator", "administrator", path)


def organiser(path: str = COMMITTEE_PATH) -> Actor:
    return an_actor("organiser", "committee_organiser", path)


def county(code: str = COUNTY) -> Actor:
    return an_actor("county", "county_department", f"/3307/{code}/")


@contextmanager
def acting(context: Context, actor: Actor) -> Iterator[Unit]:
    """A command of that actor; the endpoint is open to the roles that the actor has."""
    with command(context, actor, {post.role for post in actor.posts}) as unit:
        yield unit


def a_file(rows: Any, header: tuple[str, ...]) -> ReadFile:
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    return read_file(text.getvalue().encode())


def a_sheet(*rows: Mapping[str, str]) -> ReadFile:
    header = tuple(dict.fromkeys(key for row in rows for key in row))
    return a_file([[row.get(key, "") for key in header] for row in rows], header)


def a_number(born: str = "19800229", sequence: int = 123, division: str = COUNTY) -> str:
    first = f"{division}{born}{sequence:03d}"
    return first + check_character(first)


def a_member(**changed: Any) -> dict[str, Any]:
    """A body for `register_member`."""
    body = {"name": "张三", "id_number": a_number(), "branch": BRANCH, "status": "full"}
    return body | {"joined": date(2010, 7, 1), "full_since": date(2011, 7, 1), "sex": "male"} | changed


def a_registered_member(context: Context, **changed: Any) -> str:
    with acting(context, organiser(f"/3307/{COUNTY}/")) as unit:
        return str(members.register_member(unit, a_member(**changed))["member_id"])
