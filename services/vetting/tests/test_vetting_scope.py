"""Who may not see: each reading door is tried by those who stand beside or above the deciding committee."""

from __future__ import annotations

from collections.abc import Collection

import pytest
from sqlalchemy import select

from kernel.actor import Actor, Post
from kernel.errors import Forbidden
from kernel.http.endpoint import endpoints_of
from kernel.store.tables import access_log
from services.vetting import queries
from services.vetting.commands import deciding
from services.vetting.service import Vetting
from services.vetting.tests.vetting_world import FAR, NAME, World, id_of

pytestmark = pytest.mark.catalogue("V5")

DOORS = {endpoint.name: endpoint for endpoint in endpoints_of(Vetting)}
READING = {name: door for name, door in DOORS.items() if door.kind == "query"}
#: Method of the service class -> query, of the doors that show something of one case.
ONE = {
    "show_case": queries.case,
    "show_person": queries.person,
    "show_answers": queries.answers,
    "show_conclusion": queries.conclusion_text,
}
LISTS = {"list_cases": queries.cases, "list_overdue": queries.overdue, "list_inquiries": queries.inquiries, "to_do": queries.todo}

#: Role and place of those who try. The committee next door is a neighbour of the deciding one.
STRANGERS = {
    "another committee's organiser": ("committee_organiser", "beside"),
    "another branch's secretary": ("branch_secretary", "beside"),
    "a special organizer of the branch": ("special_organizer", "branch"),
    "a special organizer of the committee": ("special_organizer", "committee"),
    "a liaison": ("department_liaison", "county"),
    "an administrator": ("administrator", "city"),
}
ABOVE = {
    "an organiser with a post at the county": ("committee_organiser", "county"),
    "the county's stationed organiser": ("county_organiser", "committee"),
    "the county department": ("county_department", "county"),
    "the city department": ("city_department", "city"),
    "an auditor": ("auditor", "city"),
    "the branch's own secretary": ("branch_secretary", "branch"),
    "the branch's own clerk": ("branch_clerk", "branch"),
}


def actor(world: World, role: str, place: str) -> Actor:
    paths = {
        "city": world.county_path.rsplit("/", 2)[0] + "/",
        "county": world.county_path,
        "committee": world.committee_path,
        "branch": world.path,
        "beside": f"{world.county_path}{world.county}002/",
    }
    path = paths[place]
    return Actor(role, (Post("post-9", role, path.split("/")[-2], path, FAR),))


def concluded(world: World) -> str:
    """A case in which a concern was adjudicated, and everything there is to see stands."""
    opened = world.opened()
    world.all_clear(opened, but=("police",))
    request = id_of(opened, "police")
    world.concern(request)
    world.do(deciding.adjudicate, request_id=request, finding="no_obstacle", reason="时间久远")
    world.do(deciding.conclude, case_id=opened["case_id"], outcome="passed")
    return str(opened["case_id"])


def try_door(world: World, name: str, query, who: Actor, *ids: str):
    """As HTTP would: without one of the door's roles nobody gets to the query."""
    roles: Collection[str] = READING[name].roles
    if not any(post.role in roles for post in who.posts):
        raise Forbidden("not through the door")
    return world.look(query, *ids, actor=who, roles=roles)


def looks(world: World) -> list[tuple[str, ...]]:
    with world.context.database.read() as connection:
        return [tuple(row) for row in connection.execute(select(access_log.c.account, access_log.c.action, access_log.c.object))]


@pytest.mark.parametrize("who", STRANGERS)
def test_a_stranger_sees_nothing_of_a_case(nanning: World, who: str) -> None:
    case = concluded(nanning)
    stranger = actor(nanning, *STRANGERS[who])
    for name, query in ONE.items():
        with pytest.raises(Forbidden):
            try_door(nanning, name, query, stranger, case)
    for name, query in LISTS.items():
        try:
            assert try_door(nanning, name, query, stranger)["items"] == []
        except Forbidden:
            continue
    with pytest.raises(Forbidden):
        try_door(nanning, "offered", queries.offered, stranger, nanning.candidate)
    assert looks(nanning) == []


@pytest.mark.parametrize("who", ABOVE)
def test_whoever_else_is_concerned_sees_no_answer(nanning: World, who: str) -> None:
    case = concluded(nanning)
    someone = actor(nanning, *ABOVE[who])
    with pytest.raises(Forbidden):
        try_door(nanning, "show_answers", queries.answers, someone, case)
    shown = str(try_door(nanning, "show_case", queries.case, someone, case))
    for secret in ("赌博", "concern", "administrative", "no_obstacle", "时间久远", NAME):
        assert secret not in shown
    assert looks(nanning) == []


def test_a_post_at_the_deciding_committee_in_another_role_reads_no_answer(nanning: World) -> None:
    case = concluded(nanning)
    both = Actor(
        "both",
        (
            Post("a", "county_department", nanning.committee, nanning.committee_path, FAR),
            Post("b", "committee_organiser", nanning.county, nanning.county_path, FAR),
        ),
    )
    with pytest.raises(Forbidden):
        try_door(nanning, "show_answers", queries.answers, both, case)


def test_a_post_that_has_ended_reads_nothing(nanning: World) -> None:
    case = concluded(nanning)
    ended = Actor("former", (Post("a", "committee_organiser", nanning.committee, nanning.committee_path, FAR, FAR),))
    for name, query in ONE.items():
        with pytest.raises(Forbidden):
            try_door(nanning, name, query, ended, case)


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("show_person", "read person of a vetting case"),
        ("show_answers", "read answers of a vetting case"),
        ("show_conclusion", "read conclusion of a vetting case"),
    ],
)
def test_every_look_at_what_is_personal_is_logged_with_account_and_post(nanning: World, name: str, action: str) -> None:
    case = concluded(nanning)
    for _ in range(2):
        try_door(nanning, name, ONE[name], nanning.organiser(), case)
    assert looks(nanning) == [("organiser", action, f"case/{case}")] * 2
    with nanning.context.database.read() as connection:
        assert set(connection.execute(select(access_log.c.post)).scalars()) == {"post-1"}


def test_a_masked_number_is_all_that_is_shown_of_the_number(nanning: World) -> None:
    shown = try_door(nanning, "show_person", queries.person, actor(nanning, "branch_clerk", "branch"), concluded(nanning))
    assert shown["id_number"].count("*") > 6


def test_every_reading_door_is_tried_here() -> None:
    elsewhere = {"overdue_by_department", "show_inquiry", "offered"}  # counts without names; test_vetting_home_village; above
    assert READING.keys() == ONE.keys() | LISTS.keys() | elsewhere
