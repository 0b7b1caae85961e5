"""The registry's door: the whole way from a request to an answer, without a server's socket."""

import base64
import io
import json
from collections.abc import Iterator
from datetime import date

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select

from kernel.actor import Actor
from kernel.http.app import App
from kernel.http.endpoint import endpoints_of
from kernel.ids import new_id
from kernel.ops.settings import Settings
from kernel.runtime.runtime import Runtime
from kernel.store.tables import access_log, idempotency, journal
from services.registry import tables
from services.registry.domain import permissions
from services.registry.service import XLSX, Registry
from services.registry.sheets import read_sheet
from services.registry.tests.registry_builders import (
    BRANCH,
    BRANCH_PATH,
    COMMITTEE,
    COUNTY,
    a_number,
    a_registered_member,
    a_registry,
    administrator,
    an_actor,
    county,
    organiser,
)
from suite.demo.divisions import divisions_csv


class Door:
    """Requests of one actor."""

    def __init__(self, app: App, actor: Actor):
        self.app, self.token = app, app.runtime.tokens.mint(actor)

    def __call__(self, method, path, content=b"", kind="application/json", key=None):
        path, _, query = path.partition("?")
        sent = content if isinstance(content, bytes) else json.dumps(content).encode()
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path.encode().decode("latin-1"),
            "QUERY_STRING": query,
            "CONTENT_TYPE": kind,
            "CONTENT_LENGTH": str(len(sent)),
            "headers_raw": (("Content-Type", kind),),
            "HTTP_AUTHORIZATION": f"Bearer {self.token}",
            "HTTP_IDEMPOTENCY_KEY": key or new_id(),
            "wsgi.input": io.BytesIO(sent),
        }
        said = {}
        body = b"".join(self.app(environ, lambda status, headers: said.update(status=int(status[:3]), headers=dict(headers))))
        return said["status"], json.loads(body)


@pytest.fixture
def registry(tmp_path) -> Iterator[App]:
    context = a_registry(tmp_path)
    yield App(Runtime.of(context, Settings()), Registry, endpoints_of(Registry))
    context.database.dispose()


def count(app, table):
    with app.runtime.context.database.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


# -- uploads


@pytest.mark.catalogue("G1")
def test_a_city_is_imported_over_http_and_a_repeat_changes_nothing(registry):
    door = Door(registry, administrator("/4501/"))
    answers = [door("POST", "/imports/divisions", divisions_csv("nanning"), "text/csv", key="nanning") for _ in range(2)]
    assert [status for status, _ in answers] == [201, 201] and answers[0] == answers[1]
    assert answers[0][1]["counts"] == {"city_department": 1, "county_department": 12, "committee": 138, "branch": 1_856}
    status, again = door("POST", "/imports/divisions", divisions_csv("nanning"), "text/csv")
    assert (status, len(again["errors"])) == (400, 2_006)


def a_workbook(*rows):
    book, file = Workbook(), io.BytesIO()
    for row in (["姓名", "身份证号码", "所在党支部编码", "党员类别", "入党日期", "转正日期"], *rows):
        book.worksheets[0].append(row)
    book.save(file)
    return file.getvalue()


@pytest.mark.catalogue("G2")
def test_a_dry_run_of_a_workbook_tells_and_leaves_nothing(registry):
    door = Door(registry, organiser())
    sheet = a_workbook(["张三", a_number(), BRANCH, "正式党员", date(2010, 7, 1), date(2011, 7, 1)])
    before = count(registry, journal)
    status, answer = door("POST", "/imports/members?dry_run=true", sheet, XLSX)
    assert (status, answer["rows"]) == (201, 1)
    assert count(registry, tables.member) == count(registry, tables.import_job) - 1 == 0
    assert count(registry, journal) == before
    status, answer = door("POST", "/imports/members", sheet, XLSX)
    assert (status, count(registry, tables.member)) == (201, 1)


@pytest.mark.catalogue("G2", "X6")
def test_a_bad_workbook_answers_with_every_row_and_repeats_no_number(registry):
    door = Door(registry, organiser())
    good = ["张三", a_number(), BRANCH, "正式党员", "2010-07-01", "2011-07-01"]
    rows = [good, ["李四", float("1.6672E+17"), *good[2:]], ["王五", a_number(sequence=201), "330703001001", *good[3:]]]
    status, problem = door("POST", "/imports/members", a_workbook(*rows), XLSX)
    assert status == 400 and "全部未导入" in problem["detail"]
    assert [error["field"] for error in problem["errors"]] == ["rows.3.id_number", "rows.4.branch"]
    assert "科学计数法" in problem["errors"][0]["message"] and a_number(sequence=201) not in json.dumps(problem)
    assert count(registry, tables.member) == 0


def test_what_is_no_sheet_is_told_so(registry):
    door = Door(registry, administrator())
    status, problem = door("POST", "/imports/posts", b"\xd0\xcf\x11\xe0 old", "application/vnd.ms-excel")
    assert (status, problem["errors"][0]["field"]) == (400, "file")
    assert door("POST", "/imports/posts", b"{}", "application/json")[0] == 415


# -- commands


NEW = {"code": "330702001B1", "name": "某企业党支部", "kind": "branch", "parent": COMMITTEE, "domain": "two_new"}


@pytest.mark.catalogue("G1")
def test_an_organisation_is_registered_read_and_changed(registry):
    door = Door(registry, county())
    status, done = door("POST", "/organisations", {**NEW, "has_committee": True, "employees": 40})
    assert (status, done["version"], done["path"]) == (201, 1, f"/3307/{COUNTY}/{COMMITTEE}/330702001B1/")
    status, done = door("PATCH", "/organisations/330702001B1", {"key_managed": True, "expected_version": 1})
    assert (status, done["version"]) == (200, 2)
    status, shown = door("GET", "/organisations/330702001B1")
    assert (status, shown["key_managed"], shown["employees"], shown["domain"]) == (200, True, 40, "two_new")


def test_unknown_fields_and_values_are_refused(registry):
    door = Door(registry, county())
    status, problem = door("POST", "/organisations", {**NEW, "kind": "guild", "colour": "red"})
    assert status == 400 and {error["field"] for error in problem["errors"]} == {"kind", "colour"}


@pytest.mark.catalogue("G2")
def test_the_answer_to_an_entry_and_what_is_stored_of_it_hold_no_personal_data(registry):
    door = Door(registry, organiser())
    body = {"name": "欧阳无双", "id_number": a_number(), "branch": BRANCH, "status": "probationary", "joined": "2014-12-01"}
    status, done = door("POST", "/members", body)
    assert status == 201 and done.keys() == {"member_id", "status", "version", "day"}
    with registry.runtime.context.database.read() as connection:
        stored = connection.execute(select(idempotency)).all()
    assert "欧阳无双" not in str(stored) and a_number() not in str(stored)
    member_id = done["member_id"]
    assert door("PATCH", f"/members/{member_id}", {"exempt_from": "2015-01-01"})[1]["version"] == 2
    assert door("POST", f"/members/{member_id}/end", {"reason": "moved_out"})[1]["status"] == "ended"
    assert door("POST", f"/members/{member_id}/reinstate", {"status": "probationary"})[1]["version"] == 4


@pytest.mark.catalogue("G3")
def test_a_post_is_given_seen_by_its_holder_and_ended(registry):
    door = Door(registry, organiser())
    body = {"account": "li.si", "organisation": BRANCH, "role": "branch_clerk", "since": "2015-01-01", "until": "2016-12-31"}
    status, done = door("POST", "/posts", body)
    assert status == 201
    holder = Door(registry, an_actor("li.si", "branch_clerk", BRANCH_PATH))
    (mine,) = holder("GET", "/posts/mine")[1]["items"]
    assert (mine["post_id"], mine["path"]) == (done["post_id"], BRANCH_PATH)
    assert holder("GET", "/posts")[0] == 403
    status, ended = door("POST", f"/posts/{done['post_id']}/end", {"day": "2015-03-01"})
    assert (status, ended["until"]) == (200, "2015-03-01")
    assert [item["account"] for item in door("GET", f"/posts?organisation={BRANCH}")[1]["items"]] == ["li.si"]
    assert door("GET", "/posts?on=2015-03-02")[1]["items"] == []


# -- queries


@pytest.mark.catalogue("G1")
def test_the_tree_is_read_level_by_level_and_by_the_beginning_of_a_name(registry):
    door = Door(registry, county())
    codes = lambda path: [item["code"] for item in door("GET", path)[1]["items"]]  # noqa: E731
    assert codes(f"/organisations?parent={COMMITTEE}") == [BRANCH, "330702001002"]
    assert codes("/organisations?name=%E4%B8%9C%E5%B8%82") == [BRANCH]
    assert codes("/organisations?name=%25") == []
    assert codes("/organisations?kind=committee") == [COMMITTEE]
    assert codes("/organisations?domain=rural") == ["330702001002"]


def test_a_list_goes_on_behind_its_cursor(registry):
    door, found, path = Door(registry, administrator()), [], "/organisations?limit=3"
    while path:
        status, page = door("GET", path)
        assert status == 200 and len(page["items"]) <= 3
        found += [item["code"] for item in page["items"]]
        path = page["next"]
    assert found == sorted(found) and len(found) == 8


@pytest.mark.catalogue("G3")
def test_the_tree_ends_where_ones_post_does_apart_from_those_above(registry):
    door = Door(registry, organiser())
    seen = {item["code"] for item in door("GET", "/organisations")[1]["items"]}
    assert seen == {COMMITTEE, BRANCH, "330702001002"}
    statuses = {code: door("GET", f"/organisations/{code}")[0] for code in (BRANCH, COUNTY, "3307", "330703", "nothing")}
    assert statuses == {BRANCH: 200, COUNTY: 200, "3307": 200, "330703": 404, "nothing": 404}


@pytest.mark.catalogue("G2", "X5")
def test_the_roll_of_a_branch_masks_numbers_and_leaves_a_trace(registry):
    member_id = a_registered_member(registry.runtime.context, education="college")
    door = Door(registry, an_actor("secretary", "branch_secretary", BRANCH_PATH))
    (item,) = door("GET", f"/members?branch={BRANCH}&status=full")[1]["items"]
    assert (item["name"], item["id_number"]) == ("张三", f"330{'*' * 13}{a_number()[-2:]}")
    status, one = door("GET", f"/members/{member_id}")
    assert (status, one["birth_date"], one["education"]) == (200, "1980-02-29", "college")
    assert a_number() not in json.dumps(one)
    with registry.runtime.context.database.read() as connection:
        looks = connection.execute(select(access_log).order_by(access_log.c.id)).all()
    assert [(look.account, look.action, look.object) for look in looks] == [
        ("secretary", "members.list", f"organisation/{BRANCH}"),
        ("secretary", "members.read", f"member/{member_id}"),
    ]


@pytest.mark.catalogue("G3", "X5")
def test_another_branchs_roll_is_closed_and_to_an_administrator_every_roll(registry):
    member_id = a_registered_member(registry.runtime.context)
    for actor in (an_actor("secretary", "branch_secretary", f"/3307/{COUNTY}/{COMMITTEE}/330702001002/"), administrator()):
        door = Door(registry, actor)
        assert door("GET", f"/members?branch={BRANCH}")[0] == 403
        assert door("GET", f"/members/{member_id}")[0] == 403
    assert count(registry, access_log) == 0


def test_an_erased_person_stands_on_the_roll_without_name_and_number(registry):
    member_id = a_registered_member(registry.runtime.context)
    registry.runtime.context.keys.erase(member_id)
    status, one = Door(registry, organiser())("GET", f"/members/{member_id}")
    assert (status, one["name"], one["id_number"], "birth_date" in one) == (200, None, None, False)


def test_imports_are_listed_to_those_who_stand_above_them(registry):
    (job,) = Door(registry, administrator())("GET", "/imports")[1]["items"]
    assert (job["kind"], job["rows"], job["path"], job["account"]) == ("divisions", 8, "/3307/", "administrator")
    assert Door(registry, county())("GET", "/imports")[1]["items"] == []


@pytest.mark.catalogue("G2")
def test_a_blank_template_is_handed_out_that_the_import_understands(registry):
    door = Door(registry, organiser())
    status, answer = door("GET", "/templates/members")
    content = base64.b64decode(answer["content"])
    assert (status, answer["file_name"], answer["content_type"]) == (200, "党员名册.xlsx", XLSX)
    assert load_workbook(io.BytesIO(content)).sheetnames[0] == "党员名册"
    assert "身份证号码*" in read_sheet(content).headers
    assert door("GET", "/templates/horoscopes")[0] == 404


# -- the table of permissions at the door


def test_every_door_is_open_to_the_roles_of_the_table_and_to_nobody_else():
    assert {endpoint.path for endpoint in endpoints_of(Registry) if endpoint.public or endpoint.clients} == set()
    assert all(endpoint.roles <= permissions.EVERYBODY for endpoint in endpoints_of(Registry))
