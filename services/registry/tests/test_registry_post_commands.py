import json
from datetime import date

import pytest
from sqlalchemy import select

from contracts.registry import POST_ASSIGNED, POST_ENDED
from kernel.actor import above
from kernel.errors import Forbidden, Invalid, NotFound, Stale
from kernel.store.tables import journal, pending
from services.registry import queries, tables
from services.registry.commands import posts
from services.registry.domain.organisations import Kind
from services.registry.domain.permissions import ESTABLISHED_BY, GIVEN_BY
from services.registry.domain.posts import Role
from services.registry.domain.rows import BadRows
from services.registry.tests.registry_builders import (
    BRANCH,
    BRANCH_PATH,
    COMMITTEE,
    COUNTY,
    a_number,
    a_registered_member,
    a_registry,
    a_sheet,
    acting,
    administrator,
    an_actor,
    county,
    organiser,
)


def a_post(**changed):
    body = {"account": "zhang.san", "organisation": BRANCH, "role": "branch_secretary"}
    return body | {"since": date(2014, 1, 1), "until": date(2016, 12, 31)} | changed


def a_row(**cells):
    row = {"账号": "zhang.san", "组织编码": BRANCH, "岗位类别": "支部书记"}
    return row | {"任期起": "2014-01-01", "任期止": "2016-12-31"} | cells


def assign(context, actor=None, **changed):
    with acting(context, actor or organiser()) as unit:
        return posts.assign_post(unit, a_post(**changed))["post_id"]


def events(context, type):
    with context.database.read() as connection:
        rows = connection.execute(select(pending).where(pending.c.type == type)).all()
    return [json.loads(row.body)["data"] for row in rows]


@pytest.mark.catalogue("G3")
def test_a_sheet_of_posts_is_imported_with_an_event_each(tmp_path):
    context = a_registry(tmp_path)
    member_id = a_registered_member(context)
    secretary = a_row(本人身份证号码=a_number())
    committee = a_row(账号="wang.wu", 组织编码=COMMITTEE, 岗位类别="党委组织委员")
    liaison = a_row(账号="police", 组织编码=COUNTY, 岗位类别="部门联络员", 联络部门="police")
    with acting(context, administrator()) as unit:
        answer = posts.import_posts(unit, a_sheet(secretary, committee, liaison))
    assert (answer["rows"], answer["path"]) == (3, f"/3307/{COUNTY}/")
    told = events(context, POST_ASSIGNED.type)
    for data in told:
        POST_ASSIGNED.check(data)
    assert [data["member_id"] for data in told] == [member_id, None, None]
    assert told[0]["path"] == BRANCH_PATH


@pytest.mark.catalogue("G3")
def test_what_may_not_be_given_is_reported_row_by_row(tmp_path):
    context = a_registry(tmp_path)
    rows = [
        a_row(),
        a_row(账号="li.si", 组织编码="330703001001"),
        a_row(账号="li.si", 组织编码=COMMITTEE, 岗位类别="党委组织委员"),
        a_row(账号="organiser"),
        a_row(账号="li.si", 本人身份证号码=a_number(sequence=999)),
    ]
    with pytest.raises(BadRows) as refused, acting(context, organiser()) as unit:
        posts.import_posts(unit, a_sheet(*rows))
    assert set(refused.value.fields) == {"rows.3.organisation", "rows.4.role", "rows.5.role", "rows.6.member"}
    assert not events(context, POST_ASSIGNED.type)


@pytest.mark.catalogue("G3")
def test_the_account_acts_with_the_posts_that_are_in_force_today(tmp_path):
    context = a_registry(tmp_path)
    assign(context)
    assign(context, county(), organisation=COMMITTEE, role="special_organizer", until=date(2015, 3, 2))
    assign(context, role="branch_clerk", since=date(2010, 1, 1), until=date(2013, 12, 31))
    assign(context, role="branch_clerk", since=date(2017, 1, 1), until=date(2018, 12, 31))
    actor = queries.actor_for(context, "zhang.san")
    assert {post.role for post in actor.posts} == {"branch_secretary", "special_organizer"}
    assert actor.post_for(["branch_secretary"], BRANCH_PATH, context.clock.today()) is not None
    context.clock.set(date(2015, 3, 3))
    assert [post.role for post in queries.actor_for(context, "zhang.san").posts] == ["branch_secretary"]
    assert queries.actor_for(context, "nobody").posts == ()


@pytest.mark.parametrize(
    ("actor", "changed"),
    [
        (county("330703"), {}),
        (organiser(), {"organisation": COMMITTEE, "role": "committee_organiser"}),
        (county(), {"organisation": COUNTY, "role": "county_department"}),
        (county(), {"organisation": COUNTY, "role": "auditor"}),
        (an_actor("city", "city_department", "/3307/"), {"organisation": "3307", "role": "administrator"}),
    ],
)
@pytest.mark.catalogue("G3")
def test_nobody_gives_a_post_above_his_own(tmp_path, actor, changed):
    context = a_registry(tmp_path)
    with pytest.raises(Forbidden):
        assign(context, actor, **changed)
    assert not events(context, POST_ASSIGNED.type)


@pytest.mark.parametrize(
    ("actor", "changed", "field"),
    [
        (organiser(), {"account": "organiser"}, "role"),
        (organiser(), {"organisation": "330702001999"}, "organisation"),
        (organiser(), {"role": "committee_organiser"}, "role"),
        (organiser(), {"until": date(2014, 1, 1)}, "until"),
        (organiser(), {"account": "张三"}, "account"),
        (organiser(), {"department": "police"}, "department"),
        (organiser(), {"member": a_number()}, "member"),
        (administrator(), {"organisation": COUNTY, "role": "department_liaison", "department": "bakery"}, "department"),
    ],
)
@pytest.mark.catalogue("G3")
def test_a_post_that_cannot_be_names_the_field(tmp_path, actor, changed, field):
    context = a_registry(tmp_path)
    with pytest.raises(Invalid) as refused:
        assign(context, actor, **changed)
    assert field in refused.value.fields


@pytest.mark.catalogue("G3")
def test_the_same_post_is_not_given_twice_for_the_same_days(tmp_path):
    context = a_registry(tmp_path)
    assign(context)
    with pytest.raises(Invalid):
        assign(context, since=date(2016, 12, 31), until=date(2018, 1, 1))
    assign(context, since=date(2017, 1, 1), until=date(2018, 1, 1))


@pytest.mark.catalogue("G3")
def test_a_post_ends_before_its_time_by_who_gives_it_or_who_holds_it(tmp_path):
    context = a_registry(tmp_path)
    first, second = assign(context), assign(context, account="li.si")
    with acting(context, organiser()) as unit:
        posts.end_post(unit, {"day": date(2015, 3, 1)}, first)
    with acting(context, an_actor("li.si", "branch_secretary", BRANCH_PATH)) as unit:
        answer = posts.end_post(unit, {}, second)
    assert answer["until"] == context.clock.today()
    assert queries.actor_for(context, "zhang.san").posts == ()
    assert [data["until"] for data in events(context, POST_ENDED.type)] == ["2015-03-01", "2015-03-02"]
    with context.database.read() as connection:
        entry = connection.execute(select(journal).where(journal.c.stream == f"post/{first}", journal.c.version == 2)).one()
    assert json.loads(entry.private) == {"term_until": "2016-12-31"}


@pytest.mark.catalogue("G3")
def test_a_post_is_not_ended_by_others_twice_or_outside_its_term(tmp_path):
    context = a_registry(tmp_path)
    post_id = assign(context)
    for actor in (an_actor("clerk", "branch_clerk", BRANCH_PATH), county("330703")):
        with pytest.raises(Forbidden), acting(context, actor) as unit:
            posts.end_post(unit, {}, post_id)
    with pytest.raises(Invalid), acting(context, organiser()) as unit:
        posts.end_post(unit, {"day": date(2013, 12, 31)}, post_id)
    with pytest.raises(NotFound), acting(context, organiser()) as unit:
        posts.end_post(unit, {}, "nothing")
    with acting(context, organiser()) as unit:
        posts.end_post(unit, {"expected_version": 1}, post_id)
    for body in ({}, {"expected_version": 1}):
        with pytest.raises(Stale), acting(context, organiser()) as unit:
            posts.end_post(unit, body, post_id)


@pytest.mark.catalogue("G3")
def test_the_holder_of_an_ended_post_can_be_given_it_again(tmp_path):
    context = a_registry(tmp_path)
    post_id = assign(context)
    with acting(context, organiser()) as unit:
        posts.end_post(unit, {"day": date(2015, 2, 1)}, post_id)
    assign(context, since=date(2015, 2, 2))
    assert len(queries.actor_for(context, "zhang.san").posts) == 1


def test_every_role_is_given_by_somebody_and_every_kind_established():
    assert set(GIVEN_BY) == set(Role) and all(GIVEN_BY.values())
    assert set(ESTABLISHED_BY) == set(Kind) and all(ESTABLISHED_BY.values())


def test_what_stands_above():
    assert [above(path) for path in ("/3307/330702/", "/3307/")] == ["/3307/", "/3307/"]


def test_no_post_stands_in_the_table_without_its_organisation(tmp_path):
    context = a_registry(tmp_path)
    post_id = assign(context)
    with context.database.read() as connection:
        row = connection.execute(select(tables.post).where(tables.post.c.post_id == post_id)).one()
    assert (row.path, row.home_county, row.version, row.ended) == (BRANCH_PATH, COUNTY, 1, False)
