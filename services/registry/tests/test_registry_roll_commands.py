import json
from datetime import date

import pytest
from sqlalchemy import func, select

from contracts.registry import MEMBER_CHANGED, MEMBER_REGISTERED
from kernel.errors import Forbidden, Invalid, NotFound, Stale
from kernel.journal import dossier
from kernel.store.keys import Erased
from kernel.store.tables import journal, pending
from services.registry import tables
from services.registry.commands import members
from services.registry.domain import states
from services.registry.domain.rows import BadRows
from services.registry.tests.registry_builders import (
    BRANCH,
    COUNTY,
    OTHER_BRANCH,
    a_member,
    a_number,
    a_registered_member,
    a_registry,
    a_sheet,
    acting,
    administrator,
    county,
    organiser,
)


def a_row(**cells):
    row = {"姓名": "张三", "身份证号码": a_number(), "所在党支部编码": BRANCH, "党员类别": "正式党员"}
    return row | {"入党日期": "2010-07-01", "转正日期": "2011-07-01"} | cells


def the(context, member_id):
    with context.database.read() as connection:
        return connection.execute(select(tables.member).where(tables.member.c.member_id == member_id)).one()


def count(context, table):
    with context.database.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def change(context, member_id, actor=None, **body):
    with acting(context, actor or organiser()) as unit:
        return members.change_member(unit, body, member_id)


def end(context, member_id, reason="entered_in_error", **body):
    with acting(context, organiser()) as unit:
        return members.end_member(unit, {"reason": reason, **body}, member_id)


# -- import


@pytest.mark.catalogue("G2")
def test_a_sheet_of_members_is_imported_with_an_event_each_that_carries_no_number(tmp_path):
    context = a_registry(tmp_path)
    numbers = [a_number(sequence=sequence) for sequence in range(100, 130)]
    with acting(context, organiser()) as unit:
        answer = members.import_members(unit, a_sheet(*(a_row(身份证号码=number) for number in numbers)))
    assert (answer["rows"], answer["path"]) == (30, f"/3307/{COUNTY}/330702001/{BRANCH}/")
    with context.database.read() as connection:
        events = connection.execute(select(pending).where(pending.c.type == MEMBER_REGISTERED.type)).all()
        records = connection.execute(select(journal).where(journal.c.type == MEMBER_REGISTERED.type)).all()
    assert len(events) == len(records) == count(context, tables.member) == count(context, tables.member_index) == 30
    said = json.loads(events[0].body)
    assert set(said["personal"]["sealed"]) == {"name"}
    assert context.keys.open_fields(said["personal"]["subject"], said["personal"]["sealed"]) == {"name": "张三"}


@pytest.mark.catalogue("G2")
def test_no_file_of_the_store_holds_a_name_or_a_number_in_clear(tmp_path):
    context = a_registry(tmp_path)
    a_registered_member(context, name="欧阳无双", floating_permit="浙流字12号")
    context.database.dispose()
    for file in tmp_path.iterdir():
        content = file.read_bytes()
        assert a_number().encode() not in content and "欧阳无双".encode() not in content
        assert "浙流字12号".encode() not in content and b"1980-02-29" not in content


@pytest.mark.catalogue("G2")
def test_every_bad_row_is_reported_none_is_imported_and_no_number_is_repeated(tmp_path):
    context = a_registry(tmp_path)
    a_registered_member(context)
    rows = [
        a_row(),
        a_row(身份证号码=a_number(sequence=201)),
        a_row(身份证号码="1.6672E+17"),
        a_row(身份证号码=a_number(sequence=203), 所在党支部编码="330702001999"),
        a_row(身份证号码=a_number(sequence=205), 转正日期="2010-01-01"),
        a_row(身份证号码=a_number(sequence=201)),
    ]
    with pytest.raises(BadRows) as refused, acting(context, organiser()) as unit:
        members.import_members(unit, a_sheet(*rows))
    fields = {2: "id_number", 4: "id_number", 5: "branch", 6: "full_since", 7: "id_number"}
    assert set(refused.value.fields) == {f"rows.{row}.{field}" for row, field in fields.items()}
    assert not any(a_number(sequence=sequence) in str(refused.value.fields) for sequence in (123, 201, 203, 205))
    assert count(context, tables.member) == 1


@pytest.mark.catalogue("G3")
def test_branches_outside_ones_subtree_cannot_be_filled(tmp_path):
    context = a_registry(tmp_path)
    with pytest.raises(BadRows) as refused, acting(context, county("330703")) as unit:
        members.import_members(unit, a_sheet(a_row()))
    assert set(refused.value.fields) == {"rows.2.branch"}


@pytest.mark.catalogue("G2")
def test_older_members_joined_under_other_rules_than_today(tmp_path):
    context = a_registry(tmp_path)
    old = a_row(身份证号码=a_number("19400101"), 入党日期="1970-05-01", 转正日期="1970-05-01")
    young = a_row(身份证号码=a_number("19400102"), 入党日期="2014-07-01", 转正日期="2014-12-01")
    with pytest.raises(BadRows) as refused, acting(context, administrator()) as unit:
        members.import_members(unit, a_sheet(old, young))
    assert set(refused.value.fields) == {"rows.3.full_since"} and "NT 31" in str(refused.value.fields)


# -- single entries


@pytest.mark.catalogue("G2")
def test_an_entry_keeps_what_identifies_the_person_sealed_and_its_dossier_verifies(tmp_path):
    context = a_registry(tmp_path)
    member_id = a_registered_member(context, education="bachelor", exempt_from=date(2014, 1, 1))
    row = the(context, member_id)
    opened = members.opened(context.keys, row)
    assert (opened["name"], opened["id_number"], opened["birth_date"]) == ("张三", a_number(), "1980-02-29")
    assert (opened["education"], opened["exempt_from"]) == ("bachelor", "2014-01-01")
    with context.database.read() as connection:
        assert dossier.verify(dossier.export(connection, context.keys, COUNTY, f"member/{member_id}")).sound


@pytest.mark.catalogue("G2")
def test_one_person_is_on_the_roll_once(tmp_path):
    context = a_registry(tmp_path)
    a_registered_member(context)
    with pytest.raises(Invalid) as refused:
        a_registered_member(context, branch=OTHER_BRANCH)
    assert set(refused.value.fields) == {"id_number"}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"id_number": a_number()[:17] + "?"}, "id_number"),
        ({"birth_date": date(1980, 2, 28)}, "birth_date"),
        ({"sex": "female"}, "sex"),
        ({"branch": "330702001"}, "branch"),
        ({"full_since": None}, "full_since"),
        ({"joined": date(2015, 3, 3)}, "joined"),
        ({"name": "7"}, "name"),
    ],
)
@pytest.mark.catalogue("G2")
def test_a_single_entry_is_checked_as_a_sheet_is_and_names_the_field(tmp_path, changed, field):
    context = a_registry(tmp_path)
    with pytest.raises(Invalid) as refused:
        a_registered_member(context, **changed)
    assert field in refused.value.fields


@pytest.mark.catalogue("G2")
def test_a_member_moves_to_another_branch_and_listeners_hear_of_it(tmp_path):
    context = a_registry(tmp_path)
    member_id = a_registered_member(context)
    answer = change(context, member_id, branch=OTHER_BRANCH, expected_version=1)
    row = the(context, member_id)
    assert (row.branch, row.path.split("/")[-2], answer["version"]) == (OTHER_BRANCH, OTHER_BRANCH, 2)
    with context.database.read() as connection:
        event = connection.execute(select(pending).order_by(pending.c.seq.desc())).first()
    data = json.loads(event.body)["data"]
    MEMBER_CHANGED.check(data)
    assert (event.type, data["branch"]) == (MEMBER_CHANGED.type, OTHER_BRANCH)


@pytest.mark.catalogue("G2")
def test_probation_ends_not_before_the_rule_allows(tmp_path):
    context = a_registry(tmp_path)
    context.clock.set(date(2015, 8, 1))
    member_id = a_registered_member(context, status="probationary", joined=date(2014, 7, 1), full_since=None)
    with pytest.raises(Invalid) as refused:
        change(context, member_id, status="full", full_since=date(2015, 6, 30))
    assert set(refused.value.fields) == {"full_since"}
    assert change(context, member_id, status="full", full_since=date(2015, 7, 1))["status"] == "full"


def test_a_full_member_does_not_become_probationary(tmp_path):
    context = a_registry(tmp_path)
    member_id = a_registered_member(context)
    with pytest.raises(Invalid):
        change(context, member_id, status="probationary", full_since=None)


@pytest.mark.catalogue("G2")
def test_an_entry_made_in_error_is_ended_and_reinstated_rightly(tmp_path):
    context = a_registry(tmp_path)
    member_id = a_registered_member(context)
    end(context, member_id)
    assert the(context, member_id).status == "ended"
    with pytest.raises(Stale):
        change(context, member_id, name="李四")
    with pytest.raises(Invalid):
        a_registered_member(context)
    with acting(context, organiser()) as unit:
        members.reinstate_member(unit, {"status": "probationary", "full_since": None}, member_id)
    row = the(context, member_id)
    assert (row.status, row.ended_on, row.full_since, row.version) == ("probationary", None, None, 3)


def test_a_change_that_changes_nothing_is_none(tmp_path):
    context = a_registry(tmp_path)
    member_id = a_registered_member(context)
    with pytest.raises(Invalid):
        change(context, member_id, name="张三")


@pytest.mark.parametrize("actor", [organiser(f"/3307/{COUNTY}/330702002/"), county("330703")])
@pytest.mark.catalogue("G3")
def test_the_roll_is_kept_above_the_branch_and_by_nobody_beside(tmp_path, actor):
    context = a_registry(tmp_path)
    member_id = a_registered_member(context)
    with pytest.raises(Forbidden):
        change(context, member_id, actor, name="李四")


def test_neither_branches_nor_administrators_keep_the_roll():
    assert not {"branch_secretary", "branch_clerk", "administrator"} & {role for row in states.MEMBER for role in row.roles}


@pytest.mark.catalogue("G3")
def test_nobody_moves_a_member_into_a_branch_that_is_not_his(tmp_path):
    context = a_registry(tmp_path)
    member_id = a_registered_member(context)
    with pytest.raises(Forbidden):
        change(context, member_id, branch="330703001001")
    with pytest.raises(Forbidden), acting(context, county("330703")) as unit:
        members.register_member(unit, a_member(id_number=a_number(sequence=201)))


def test_an_unknown_member_is_not_found_and_a_stale_view_is_told(tmp_path):
    context = a_registry(tmp_path)
    member_id = a_registered_member(context)
    with pytest.raises(NotFound):
        change(context, "nobody", name="李四")
    with pytest.raises(Stale):
        change(context, member_id, name="李四", expected_version=7)


def test_an_erased_person_can_be_ended_and_no_more(tmp_path):
    context = a_registry(tmp_path)
    member_id = a_registered_member(context)
    context.keys.erase(member_id)
    with pytest.raises(Erased):
        change(context, member_id, name="李四")
    assert end(context, member_id, "moved_out")["status"] == "ended"


def test_an_entry_does_not_end_before_it_began(tmp_path):
    context = a_registry(tmp_path)
    member_id = a_registered_member(context)
    with pytest.raises(Invalid):
        end(context, member_id, day=date(2010, 6, 30))
