import json
from collections import Counter
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from contracts.registry import ORGANISATION_CHANGED, ORGANISATION_REGISTERED
from kernel.actor import Actor
from kernel.errors import Forbidden, Invalid, NotFound, Stale
from kernel.journal import dossier
from kernel.store.tables import journal, pending
from services.registry import tables
from services.registry.commands import organisations
from services.registry.domain.rows import BadRows
from services.registry.sheets import read_file
from services.registry.tests.registry_builders import (
    BRANCH,
    COMMITTEE,
    COMMITTEE_PATH,
    COUNTY,
    a_registry,
    a_sheet,
    acting,
    administrator,
    an_actor,
    county,
    organiser,
)
from suite.demo.divisions import divisions_csv
from tests.kit import a_context


def count(context, table):
    with context.database.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def the(context, code):
    with context.database.read() as connection:
        return connection.execute(select(tables.organisation).where(tables.organisation.c.code == code)).one()


def last_event(context):
    with context.database.read() as connection:
        return connection.execute(select(pending).order_by(pending.c.seq.desc())).first()


# -- divisions


@pytest.mark.catalogue("G1")
def test_the_real_divisions_of_both_cities_become_organisations_with_an_event_each(tmp_path):
    context = a_context(tmp_path, "registry", metadata=tables.metadata)
    kinds = Counter()
    for city, code in (("jinhua", "3307"), ("nanning", "4501")):
        with acting(context, administrator(f"/{code}/")) as unit:
            answer = organisations.import_divisions(unit, read_file(divisions_csv(city)))
        assert answer["path"] == f"/{code}/"
        kinds.update(answer["counts"])
    assert kinds == {"city_department": 2, "county_department": 21, "committee": 284, "branch": 5_156}
    assert count(context, tables.organisation) == count(context, pending) == 5_461 + 2
    assert count(context, tables.import_job) == 2
    assert count(context, journal) == 5_461 + 2 + 2


@pytest.mark.catalogue("G1")
def test_the_event_of_an_organisation_says_all_that_listeners_need_and_fits_the_contract(tmp_path):
    context = a_registry(tmp_path)
    with context.database.read() as connection:
        rows = connection.execute(select(pending)).all()
    said = {row.stream: json.loads(row.body)["data"] for row in rows}
    assert {row.type for row in rows} == {ORGANISATION_REGISTERED.type}
    for data in said.values():
        ORGANISATION_REGISTERED.check(data)
    branch = said[f"organisation/{BRANCH}"]
    assert (branch["path"], branch["county"], branch["city"]) == (f"{COMMITTEE_PATH}{BRANCH}/", COUNTY, "jinhua")
    assert said["organisation/3307"]["county"] == "3307"


def test_an_import_that_is_wrong_in_one_row_leaves_nothing(tmp_path):
    context = a_registry(tmp_path)
    before = count(context, tables.organisation)
    rows = [
        {"code": "330704", "name": "新区", "level": "county", "parent": "3307"},
        {"code": "330702", "name": "婺城区", "level": "county", "parent": "3307"},
        {"code": "33070", "name": "坏行", "level": "county", "parent": "3307"},
    ]
    with pytest.raises(BadRows) as refused, acting(context, administrator()) as unit:
        organisations.import_divisions(unit, a_sheet(*rows))
    assert set(refused.value.fields) == {"rows.3.code", "rows.4.code"}
    assert count(context, tables.organisation) == before
    assert count(context, tables.import_job) == 1


@pytest.mark.catalogue("G3")
def test_divisions_of_another_city_are_not_ones_to_import(tmp_path):
    context = a_context(tmp_path, "registry", metadata=tables.metadata)
    with pytest.raises(Forbidden), acting(context, administrator("/3307/")) as unit:
        organisations.import_divisions(unit, read_file(divisions_csv("nanning")))
    assert count(context, tables.organisation) == count(context, journal) == 0


def test_the_dossier_of_an_organisation_verifies(tmp_path):
    context = a_registry(tmp_path)
    with acting(context, county()) as unit:
        organisations.change_organisation(unit, {"key_managed": True}, COMMITTEE)
    with context.database.read() as connection:
        verdict = dossier.verify(dossier.export(connection, context.keys, COUNTY, f"organisation/{COMMITTEE}"))
    assert verdict.sound and verdict.entries == 2


# -- a sheet of organisations, and single ones


def a_committee(code="330702X1", **cells):
    row = {"code": code, "name": "区直机关党委", "kind": "基层党委", "parent": COUNTY, "domain": "机关", "approval_power": "是"}
    return row | cells


@pytest.mark.catalogue("G1")
def test_a_sheet_may_hold_parents_and_children_in_any_order(tmp_path):
    context = a_registry(tmp_path)
    child = {"code": "330702X1B", "name": "区教育局党支部", "kind": "党支部", "parent": "330702X1", "domain": "机关"}
    with acting(context, county()) as unit:
        answer = organisations.import_organisations(unit, a_sheet(child, a_committee()))
    assert answer["counts"] == {"committee": 1, "branch": 1}
    assert the(context, "330702X1B").path == f"/3307/{COUNTY}/330702X1/330702X1B/"


@pytest.mark.catalogue("G3")
def test_rows_outside_ones_subtree_or_above_ones_role_are_reported_each(tmp_path):
    context = a_registry(tmp_path)
    elsewhere = a_committee("330703X1", parent="330703")
    work_committee = {"code": "3307W", "name": "市直机关工委", "kind": "市直工委", "parent": "3307", "approval_power": "是"}
    with pytest.raises(BadRows) as refused, acting(context, county()) as unit:
        organisations.import_organisations(unit, a_sheet(a_committee(), elsewhere, work_committee))
    assert set(refused.value.fields) == {"rows.3.kind", "rows.4.kind"}


def new_branch(**changed):
    body = {"code": "330702001B1", "name": "某企业党支部", "kind": "branch", "parent": COMMITTEE, "domain": "two_new"}
    return body | changed


@pytest.mark.catalogue("G1")
def test_a_committee_establishes_a_branch_below_itself(tmp_path):
    context = a_registry(tmp_path)
    with acting(context, organiser()) as unit:
        answer = organisations.register_organisation(unit, new_branch(has_committee=True, employees=120))
    row = the(context, "330702001B1")
    assert answer["path"] == row.path == f"{COMMITTEE_PATH}330702001B1/"
    assert (row.has_committee, row.employees, row.home_county, row.version) == (True, 120, COUNTY, 1)


@pytest.mark.parametrize(
    ("actor", "changed"),
    [
        (organiser(), {"kind": "committee", "parent": COUNTY}),
        (organiser(f"/3307/{COUNTY}/330702002/"), {}),
        (county("330703"), {}),
        (an_actor("secretary", "branch_secretary", COMMITTEE_PATH), {}),
    ],
)
@pytest.mark.catalogue("G3")
def test_nobody_establishes_above_himself_or_elsewhere(tmp_path, actor, changed):
    context = a_registry(tmp_path)
    with pytest.raises(Forbidden), acting(context, actor) as unit:
        organisations.register_organisation(unit, new_branch(**changed))


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"code": BRANCH}, "code"),
        ({"parent": "nowhere"}, "parent"),
        ({"parent": BRANCH}, "parent"),
        ({"domain": None}, "domain"),
        ({"approval_power": True}, "approval_power"),
        ({"kind": "county_department", "code": "XX", "parent": "3307"}, "code"),
        ({"employees": -1}, "employees"),
    ],
)
@pytest.mark.catalogue("G1")
def test_a_single_organisation_is_checked_as_a_sheet_is_and_names_the_field(tmp_path, changed, field):
    context = a_registry(tmp_path)
    with pytest.raises(Invalid) as refused, acting(context, administrator()) as unit:
        organisations.register_organisation(unit, new_branch(**changed))
    assert set(refused.value.fields) == {field}


# -- changes


@pytest.mark.catalogue("G1")
def test_flags_are_set_from_above_and_told(tmp_path):
    context = a_registry(tmp_path)
    with acting(context, county()) as unit:
        answer = organisations.change_organisation(unit, {"under_rectification": True, "key_managed": True}, BRANCH)
    row, event = the(context, BRANCH), last_event(context)
    assert (row.under_rectification, row.key_managed, row.version) == (True, True, 2) and answer["version"] == 2
    assert event.type == ORGANISATION_CHANGED.type and json.loads(event.body)["data"]["under_rectification"] is True


@pytest.mark.parametrize(
    ("actor", "code", "body"),
    [
        (organiser(), BRANCH, {"under_rectification": True}),
        (organiser(), BRANCH, {"name": "改名", "key_managed": True}),
        (organiser(), COMMITTEE, {"name": "改名"}),
        (county("330703"), BRANCH, {"key_managed": True}),
        (county(), COUNTY, {"name": "改名"}),
        (administrator(), BRANCH, {"under_rectification": True}),
    ],
)
@pytest.mark.catalogue("G3")
def test_a_change_takes_the_right_role_above_the_organisation(tmp_path, actor, code, body):
    context = a_registry(tmp_path)
    with pytest.raises(Forbidden), acting(context, actor) as unit:
        organisations.change_organisation(unit, body, code)
    assert the(context, code).version == 1


@pytest.mark.parametrize(
    ("code", "body", "field"),
    [
        (BRANCH, {"approval_power": True}, "approval_power"),
        (COMMITTEE, {"has_committee": True}, "has_committee"),
        (BRANCH, {"domain": None}, "domain"),
        (BRANCH, {"key_managed": False, "domain": "community"}, "body"),
        (BRANCH, {}, "body"),
    ],
)
def test_a_change_that_cannot_be_names_the_field(tmp_path, code, body, field):
    context = a_registry(tmp_path)
    with pytest.raises(Invalid) as refused, acting(context, county()) as unit:
        organisations.change_organisation(unit, body, code)
    assert set(refused.value.fields) == {field}


def test_a_committee_that_approves_for_another_below_it_keeps_the_power(tmp_path):
    context = a_registry(tmp_path)
    below = new_branch(code="330702001C1", name="某企业党委", kind="committee")
    with acting(context, county()) as unit:
        organisations.register_organisation(unit, below)
    with pytest.raises(Invalid), acting(context, county()) as unit:
        organisations.change_organisation(unit, {"approval_power": False}, COMMITTEE)
    with pytest.raises(Invalid), acting(context, county()) as unit:
        organisations.change_organisation(unit, {"approval_power": True}, "330702001C1")


def test_a_change_of_what_has_moved_on_is_stale(tmp_path):
    context = a_registry(tmp_path)
    with acting(context, county()) as unit:
        organisations.change_organisation(unit, {"key_managed": True, "expected_version": 1}, BRANCH)
    with pytest.raises(Stale), acting(context, county()) as unit:
        organisations.change_organisation(unit, {"key_managed": False, "expected_version": 1}, BRANCH)


def test_the_future_is_refused_and_an_unknown_organisation_is_not_found(tmp_path):
    context = a_registry(tmp_path)
    tomorrow = context.clock.today().replace(day=28)
    with pytest.raises(Invalid), acting(context, county()) as unit:
        organisations.change_organisation(unit, {"key_managed": True, "day": tomorrow}, BRANCH)
    with pytest.raises(NotFound), acting(context, county()) as unit:
        organisations.change_organisation(unit, {"key_managed": True}, "330702001999")


def test_a_post_whose_term_has_run_out_opens_nothing(tmp_path):
    context = a_registry(tmp_path)
    former = county()
    former = Actor("former", (replace(former.posts[0], until=context.clock.today().replace(day=1)),))
    with pytest.raises(Forbidden), acting(context, former) as unit:
        organisations.change_organisation(unit, {"key_managed": True}, BRANCH)
