"""What the queries of cases find alike."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Row, select

from kernel.errors import NotFound
from kernel.http.reader import Reader
from kernel.policy import Policy, county_of
from services.vetting import tables
from services.vetting.commands.common import NO_CASE


def policy_of(reader: Reader, place: Any, on: date) -> Policy:
    """The rules on that day for a row with city and county."""
    return reader.policy(place.city, on, county_of(place.county))


def case_of(reader: Reader, case_id: str) -> Row[Any]:
    row = reader.connection.execute(select(tables.case).where(tables.case.c.case_id == case_id)).first()
    if row is None:
        raise NotFound(NO_CASE)
    return row


def requests_of(reader: Reader, row: Row[Any]) -> list[Row[Any]]:
    table = tables.request
    query = select(table).where(table.c.home_county == row.home_county, table.c.case_id == row.case_id)
    return list(reader.connection.execute(query.order_by(table.c.version)))
