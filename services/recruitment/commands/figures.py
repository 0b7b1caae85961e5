"""The year's approved figure of an organisation, and the places that pre-examinations take of it. Source: JH 7 11, catalogue R15.

The row of `figure` is the lock: who takes a place or hands down forms holds it until his command ends.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, func, select, update

from contracts.recruitment import FIGURE_APPROVED
from kernel.commands import Answer, Body, add, change, day_of, expect, policy_at
from kernel.errors import Invalid
from kernel.policy import decide_dates
from kernel.store.scope import under
from kernel.unit import Unit
from services.recruitment.commands.common import branch_of
from services.recruitment.commands.rectifications import COUNTY_RANK
from services.recruitment.domain import states
from services.recruitment.domain.figures import FigureFacts, PlaceFacts, check_figure
from services.recruitment.tables import candidate, figure, organisation

CITY = ("city_department",)


def approve_figure(unit: Unit, body: Body) -> Answer:
    """The superior approves, or approves anew, how many an organisation may admit in a year.

    The city approves counties' figures, the county its committees'. Together they stay within the superior's own, where it has one.
    """
    named = branch_of(unit, body["organisation"])
    superior = authorise_superior(unit, named)
    day = day_of(unit, body)
    policy = policy_at(unit, named, day)
    decide_dates(policy, unit.today, "批准年度数", day, ()).require()
    year = body["year"]
    # The superior's row first, always: two siblings that are approved at once wait for each other here.
    over = figure_of(unit, superior, year, lock=True)
    row = figure_of(unit, named.code, year, lock=True)
    if row is not None:
        expect(row, body)
    check_figure(
        FigureFacts(
            figure=body["figure"],
            superior=over.figure if over else None,
            others=_sum_under(unit, over.path, year, named.code) if over else 0,
            subordinates=_sum_under(unit, named.path, year),
            taken=row.taken if row else 0,
        )
    )
    place = {"organisation": named.code, "path": named.path, "city": named.city, "county": named.county, "year": year}
    version = unit.record(
        FIGURE_APPROVED,
        stream=f"figure/{named.code}/{year}",
        expected=row.version if row else 0,
        home_county=named.county,
        day=day,
        data={**place, "figure": body["figure"]},
        private={"document": body["document"]},
    )
    fresh = {"figure": body["figure"], "approved_on": day, "document": body["document"], "version": version}
    if row is None:
        add(unit, figure, **place, home_county=named.county, taken=0, **fresh)
    else:
        change(unit, figure, row, **fresh)
    return {**{name: place[name] for name in ("organisation", "year")}, "figure": body["figure"], "version": version, "day": day}


def authorise_superior(unit: Unit, named: Any) -> str:
    """Checks that the actor stands at the superior that plans for the organisation; its code. Raises `Invalid`, `Forbidden`."""
    if named.kind not in COUNTY_RANK and not named.approval_power:
        raise Invalid({"organisation": ["年度数和志愿书编码只下达到县级和有审批权的党委"]})
    codes = named.path.strip("/").split("/")
    roles = CITY if named.kind in COUNTY_RANK else states.COUNTY
    superior = _county_above(unit, codes[:-1]) if roles == states.COUNTY else codes[0]
    if superior is None:  # straight under the city
        roles, superior = CITY, codes[0]
    unit.authorise("/" + "/".join(codes[: codes.index(superior) + 1]) + "/", roles)
    return str(superior)


def _county_above(unit: Unit, codes: list[str]) -> str | None:
    query = select(organisation.c.code).where(organisation.c.code.in_(codes), organisation.c.kind.in_(COUNTY_RANK))
    found: str | None = unit.connection.execute(query).scalar()
    return found


def figure_of(unit: Unit, code: str, year: int, *, lock: bool = False) -> Row[Any] | None:
    query = select(figure).where(figure.c.organisation == code, figure.c.year == year)
    return unit.connection.execute(query.with_for_update() if lock else query).first()


def _sum_under(unit: Unit, path: str, year: int, but: str = "") -> int:
    """The figures of those directly planned for below `path`: where a county has one, its committees' do not count again."""
    rows = unit.connection.execute(
        select(figure.c.organisation, figure.c.path, figure.c.figure).where(
            figure.c.year == year, under(figure.c.path, [path]), figure.c.path != path
        )
    ).all()
    top = [row for row in rows if not any(row.path != other.path and row.path.startswith(other.path) for other in rows)]
    return sum(row.figure for row in top if row.organisation != but)


# -- places


def places_of(unit: Unit, committee: str, year: int, *, lock: bool = False) -> PlaceFacts:
    """How many places the committee's figure of the year has, and how many are taken."""
    row = figure_of(unit, committee, year, lock=lock)
    return PlaceFacts(year, row.figure if row else None, row.taken if row else 0)


def take_place(unit: Unit, committee: str, year: int) -> None:
    """One more place is taken. The caller holds the row."""
    _count(unit, committee, year, 1)


def give_back(unit: Unit, row: Any) -> None:
    """The place that a candidate's pre-examination had taken is free again. An admission has used it up: nothing comes back."""
    if row.place_year is None or row.state not in states.PROSPECT_STATES:
        return
    _count(unit, row.committee, row.place_year, -1)
    change(unit, candidate, row, place_year=None)


def _count(unit: Unit, committee: str, year: int, more: int) -> None:
    unit.connection.execute(
        update(figure).where(figure.c.organisation == committee, figure.c.year == year).values(taken=figure.c.taken + more)
    )


def taken_below(path: Any, year: Any) -> Any:
    """Places taken at and below a path, as a column of a query over `figure`."""
    below = figure.alias()
    return (
        select(func.coalesce(func.sum(below.c.taken), 0))
        .where(below.c.year == year, func.substr(below.c.path, 1, func.length(path)) == path)
        .scalar_subquery()
    )
