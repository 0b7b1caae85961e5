"""What the queries of cases find alike."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Row, select

from kernel.http.reader import Reader
from kernel.policy import Policy, county_of
from services.vetting import tables


def policy_of(reader: Reader, place: Any, on: date) -> Policy:
    """The rules on that day for a row with city and county."""
    return reader.policy(place.city, on, county_of(place.county))


def requests_of(reader: Reader, row: Row[Any]) -> list[Row[Any]]:
    table = tables.request
    query = select(table).where(table.c.home_county == row.home_county, table.c.case_id == row.case_id)
    return list(reader.connection.execute(query.order_by(table.c.version)))
