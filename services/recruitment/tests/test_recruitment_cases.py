"""What happens beside the straight way: disputes, departures, objections, ends, corrections, overdue steps."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from kernel.errors import Forbidden, Invalid, NotYetKnown, Refused, Stale
from kernel.journal import dossier
from services.recruitment.commands.overdue import publish_overdue
from services.recruitment.tests.world import Candidate, World, an_id_number

DAY = date(2016, 3, 1)


@pytest.fixture
def jinhua(tmp_path: Path) -> World:
    return World(tmp_path, "jinhua", DAY)


@pytest.fixture
def nanning(tmp_path: Path) -> World:
    return World(tmp_path, "nanning", DAY)


def _meeting(world: World, *candidates: Candidate, **values: Any) -> str:
    return str(world.do("recommendation", world.meeting([c.id for c in candidates], **values))["meeting_id"])


def _ready(world: World) -> Candidate:
    candidate = world.a_candidate().at("talked")
    world.later(months=6)
    return candidate


# -- counting


@pytest.mark.catalogue("R18")
def test_tellers_who_differ_learn_nothing_of_each_other_and_both_enter_again(nanning: World) -> None:
    candidate = _ready(nanning)
    meeting = _meeting(nanning, candidate)

    def enter(teller: str, in_favour: int) -> dict[str, Any]:
        body = {"candidate_id": candidate.id, "voters": "masses", **nanning.totals(in_favour, 30)}
        return nanning.do("tally", body, meeting, as_=nanning.account("branch_clerk", teller))

    first, second = enter("a", 28), enter("b", 27)
    assert (first["result"], second["result"]) == ("waiting", "disputed")
    assert not {"in_favour", "figures", "tellers"} & (first.keys() | second.keys())
    written = [json.loads(row.payload) for row in nanning.rows("journal", stream=f"meeting/{meeting}")]
    assert not any("figures" in data for data in written)
    assert nanning.rows("tally") == []
    assert (enter("b", 28)["round"], enter("a", 28)["result"]) == (2, "agreed")
    agreed = json.loads(nanning.rows("journal", stream=f"meeting/{meeting}")[-1].payload)
    assert agreed["figures"]["in_favour"] == 28
    with pytest.raises(Stale):
        enter("c", 28)


@pytest.mark.catalogue("R18")
def test_no_column_could_hold_a_single_choice(nanning: World) -> None:
    totals = {"issued", "cast", "in_favour", "against", "abstain", "invalid"}
    absent = {"absent_in_favour", "absent_against", "absent_abstain"}
    key = {"home_county", "meeting_id", "candidate_id", "voters", "round"}
    from services.recruitment.tables import metadata

    assert set(metadata.tables["ballot"].c.keys()) == key | totals | absent | {"agreed", "outcome"}
    assert set(metadata.tables["tally"].c.keys()) == key | {"teller", "figures"}


@pytest.mark.catalogue("R3")
def test_below_the_shares_one_qualifies_only_on_a_written_reason(nanning: World) -> None:
    low, lower = _ready(nanning), nanning.a_candidate()
    nanning.later(months=6)
    meeting = _meeting(nanning, low, lower)
    for candidate in (low, lower):
        candidate.count(meeting, "members", nanning.totals(10, 20, absent_in_favour=2))
        candidate.count(meeting, "masses", nanning.totals(14, 30))
    reasons = {"recommendation.member_share": "外出务工党员多", "recommendation.mass_share": "已逐人走访"}
    concluded = nanning.do("conclude", {"departures_by_candidate": {low.id: reasons}}, meeting)
    outcomes = {result["candidate_id"]: result for result in concluded["results"]}
    assert outcomes[low.id]["outcome"] == "qualified"
    assert {d["rule"] for d in outcomes[low.id]["departures"]} == set(reasons)
    assert outcomes[lower.id]["outcome"] == "not_qualified"
    assert (low.state, lower.state) == ("recommended", "received")
    noted = json.loads(nanning.rows("journal", type="recommendation_noted", subject=None)[0].private)
    assert noted["departures"][0]["written_reason"]


@pytest.mark.catalogue("R3")
def test_opinions_of_absent_members_are_counted_among_the_members(nanning: World) -> None:
    candidate = _ready(nanning)
    meeting = _meeting(nanning, candidate)
    # 14 of 20 in the room are 70 %, with two absent opinions against 14 of 22 are not.
    candidate.count(meeting, "members", nanning.totals(14, 20, absent_against=2))
    candidate.count(meeting, "masses", nanning.totals(28, 30))
    (result,) = nanning.do("conclude", {}, meeting)["results"]
    assert [reason["rule"] for reason in result["reasons"]] == ["recommendation.member_share"]


def test_whom_the_masses_did_not_recommend_stays_applicant(jinhua: World) -> None:
    candidate = _ready(jinhua)
    meeting = _meeting(jinhua, candidate)
    candidate.count(meeting, "masses", jinhua.totals(0, 30))
    jinhua.do("sign", {"opinion": "属实"}, meeting)
    with pytest.raises(Invalid):
        jinhua.do("conclude", {"recommended": [candidate.id]}, meeting)
    (result,) = jinhua.do("conclude", {}, meeting)["results"]
    assert (result["outcome"], candidate.state) == ("not_qualified", "received")


def test_a_meeting_entered_wrongly_is_void_and_another_may_be_held(jinhua: World) -> None:
    candidate = _ready(jinhua)
    meeting = _meeting(jinhua, candidate)
    jinhua.do("cancel", {"reason": "人数录入有误"}, meeting)
    with pytest.raises(Stale):
        candidate.count(meeting, "masses", jinhua.totals(28, 30))
    candidate.get_recommended()
    assert candidate.state == "recommended"


def test_who_withdraws_between_meeting_and_conclusion_is_left_alone(jinhua: World) -> None:
    candidate = _ready(jinhua)
    meeting = _meeting(jinhua, candidate)
    candidate.count(meeting, "masses", jinhua.totals(28, 30))
    jinhua.do("sign", {"opinion": "属实"}, meeting)
    jinhua.do("withdraw", {"document": "撤回书"}, candidate.id)
    (result,) = jinhua.do("conclude", {"recommended": [candidate.id]}, meeting)["results"]
    assert (result["outcome"], candidate.state) == ("left", "withdrawn")


# -- exceptions, rectification, contacts


@pytest.mark.catalogue("R1")
def test_an_exception_at_a_two_new_organisation_passes_on_reason_and_consent(jinhua: World) -> None:
    jinhua.an_organisation(jinhua.branch, "branch", jinhua.committee, jinhua.path, domain="two_new", employees=80)
    number, rule = an_id_number(), "application.two_new_village_committee"
    given = {"branch": jinhua.branch, "id_number": number, "rule": rule, "document": "县委组织部同意函"}
    consent = jinhua.do("consent", given)["consent_id"]
    body = jinhua.two_new_work(id_number=number, village_committee_member=True, departures={rule: "确有需要"}, consents=[consent])
    answer = jinhua.do("submit", body)
    assert [departure["rule"] for departure in answer["departures"]] == [rule]
    with pytest.raises(Invalid):
        jinhua.do("submit", {**body, "id_number": an_id_number()})
    jinhua.do("withdraw", {"document": "撤回书"}, answer["candidate_id"])
    with pytest.raises(Stale):
        jinhua.do("submit", body)


@pytest.mark.catalogue("R1")
def test_a_branch_under_rectification_decides_in_its_case_with_the_county_present(jinhua: World) -> None:
    jinhua.an_organisation(jinhua.branch, "branch", jinhua.committee, jinhua.path, under_rectification=True)
    reason = {"document": "整顿方案", "reason": "“家族化”问题", "township": jinhua.committee}
    case = jinhua.do("open_rectification", {"branch": jinhua.branch, **reason})["case_id"]
    jinhua.do("measure", {"kind": "help_village_committee_member", "text": "指导帮助群众公认的村委会成员"}, case)
    candidate = _ready(jinhua)
    meeting = _meeting(jinhua, candidate)
    candidate.count(meeting, "masses", jinhua.totals(28, 30))
    jinhua.do("sign", {"opinion": "属实"}, meeting)
    with pytest.raises(Refused) as refused:
        jinhua.do("conclude", {"recommended": [candidate.id]}, meeting)
    assert refused.value.rules == ("application.rectification_delegate",)
    delegate = {"organisation": jinhua.county, "account": "county.1", "document": "派员通知"}
    jinhua.do("conclude", {"recommended": [candidate.id], "county_delegate": delegate}, meeting)
    candidate.get_approved()
    jinhua.do("determine", candidate.determination(county_delegate=delegate), candidate.id)
    assert candidate.state == "determined"
    jinhua.do("close_rectification", {"conclusion": "整顿完成"}, case)


@pytest.mark.catalogue("R4")
def test_contacts_are_full_members_of_the_branch_and_no_relatives(nanning: World) -> None:
    candidate = nanning.a_candidate().at("approved")
    full, probationary = nanning.members[0], nanning.a_member("probationary")
    for named in ([probationary], [nanning.a_member(branch="450102001002")], ["nobody"], [*nanning.members]):
        body = candidate.determination(contacts=[{"member_id": id, "relative": False} for id in named])
        with pytest.raises(Refused) as refused:
            nanning.do("determine", body, candidate.id)
        assert refused.value.rules == ("activist.contacts",)
    relative = candidate.determination(contacts=[{"member_id": full, "relative": True}])
    with pytest.raises(Refused):
        nanning.do("determine", relative, candidate.id)
    departing = {**relative, "departures": {"activist.contacts_relatives": "支部只有一名正式党员"}}
    assert nanning.do("determine", departing, candidate.id)["departures"][0]["written_reason"]
    candidate.get_activist()
    nanning.later(days=1).do("contacts", {"contacts": [{"member_id": nanning.members[1], "relative": False}]}, candidate.id)
    running = [row.member_id for row in nanning.rows("contact", candidate_id=candidate.id) if row.until is None]
    assert running == [nanning.members[1]]


@pytest.mark.catalogue("R4")
def test_in_jinhua_the_approval_comes_first_and_its_day_counts(jinhua: World) -> None:
    candidate = jinhua.a_candidate().at("determined")
    row = candidate.row
    assert row.approved_on < row.determined_on and row.since == row.approved_on


def test_a_proposal_sent_back_starts_anew_from_the_recommendation(jinhua: World) -> None:
    candidate = jinhua.a_candidate().at("recommended")
    heard = {"reason": "考察不够", "heard_on": jinhua.today, "statement": "接受"}
    jinhua.do("decline", heard, candidate.id)
    assert (candidate.state, candidate.row.recommended_on) == ("received", None)
    candidate.get_recommended()
    assert candidate.at("activist").state == "activist"


# -- objections


def _conclude(world: World, objection: str, outcome: str) -> None:
    world.do("investigate", {"findings": "已走访"}, objection)
    world.do("hear_objection", {"statement": "情况说明"}, objection)
    world.do("conclude_objection", {"outcome": outcome, "reason": "见调查报告"}, objection)


@pytest.mark.catalogue("R11")
def test_an_unfounded_objection_delays_and_a_found_one_stops(jinhua: World) -> None:
    candidate = jinhua.a_candidate().at("determined")
    posted = candidate.post("activist")
    signed = {"anonymous": False, "objector": "张三", "text": "有异议"}
    objection = jinhua.do("object", signed, posted["publicity_id"])["objection_id"]
    _conclude(jinhua, objection, "unfounded")
    jinhua.at(posted["first_possible"])
    second = jinhua.do("object", {"anonymous": True, "text": "另有异议"}, posted["publicity_id"])["objection_id"]
    _conclude(jinhua, second, "upheld")
    assert jinhua.do("take_down", {}, posted["publicity_id"])["outcome"] == "upheld"
    assert candidate.state == "determined"
    heard = {"reason": "异议属实", "heard_on": jinhua.today, "statement": "承认"}
    jinhua.do("annul", heard, candidate.id)
    assert candidate.state == "received"


@pytest.mark.catalogue("R11")
def test_who_objected_is_not_in_the_candidates_dossier(jinhua: World) -> None:
    candidate = jinhua.a_candidate().at("determined")
    posted = candidate.post("activist")
    jinhua.do("object", {"anonymous": False, "objector": "张三", "text": "有异议"}, posted["publicity_id"])
    with jinhua.context.database.read() as connection:
        exported = dossier.export(connection, jinhua.context.keys, jinhua.county, f"candidate/{candidate.id}")
    text = json.dumps(exported, ensure_ascii=False)
    assert "有异议" in text and "张三" not in text


def test_a_taken_back_determination_takes_its_notice_down(jinhua: World) -> None:
    candidate = jinhua.a_candidate().at("determined")
    candidate.post("activist")
    heard = {"reason": "程序有误", "heard_on": jinhua.today, "statement": "接受"}
    jinhua.do("annul", heard, candidate.id)
    assert {row.state for row in jinhua.rows("publicity", stage="activist")} == {"ended"}
    assert candidate.at("activist").state == "activist"


# -- ends


@pytest.mark.catalogue("R5")
@pytest.mark.parametrize(("stage", "end"), [("talked", "refused"), ("activist", "removed")])
def test_an_end_is_proposed_told_heard_and_decided_by_another_level(jinhua: World, stage: str, end: str) -> None:
    candidate = jinhua.a_candidate().at(stage)
    id = jinhua.do("propose", {"reason": "长期不参加活动"}, candidate.id)["proceeding_id"]
    jinhua.do("notify", {"way": "书面"}, id)
    jinhua.do("hear", {"appeared": True, "statement": "工作在外"}, id)
    with pytest.raises(Forbidden):
        jinhua.do("decide", {"outcome": "leave", "reason": "属实"}, id, as_=jinhua.account("branch_secretary"))
    assert jinhua.do("decide", {"outcome": "leave", "reason": "属实"}, id)["state"] == end
    assert jinhua.rows("living") == []
    (event,) = jinhua.rows("pending", type="candidate_left")
    assert json.loads(event.body)["data"]["end"] == end


def test_after_a_hearing_one_may_stay(jinhua: World) -> None:
    candidate = jinhua.a_candidate().at("activist")
    id = jinhua.do("propose", {"reason": "表现不佳"}, candidate.id)["proceeding_id"]
    with pytest.raises(Stale):
        jinhua.do("propose", {"reason": "又提"}, candidate.id)
    until = jinhua.do("notify", {"way": "书面"}, id)["hearing_until"]
    jinhua.at(until + timedelta(days=1)).do("hear", {"appeared": False, "statement": ""}, id)
    jinhua.do("decide", {"outcome": "stay", "reason": "继续培养"}, id)
    assert candidate.state == "activist"


@pytest.mark.catalogue("R1")
def test_who_has_withdrawn_may_apply_again(nanning: World) -> None:
    number = an_id_number()
    first = nanning.a_candidate(id_number=number)
    nanning.do("withdraw", {"document": "撤回书"}, first.id)
    assert nanning.a_candidate(id_number=number).id != first.id


# -- scope, versions, overdue, others


def test_nobody_acts_outside_the_own_subtree(jinhua: World) -> None:
    stranger = jinhua.account("branch_clerk", path=jinhua.path.replace("001/", "002/"))
    with pytest.raises(Forbidden):
        jinhua.do("submit", jinhua.application(), as_=stranger)
    candidate = jinhua.a_candidate().at("recommended")
    # A committee's own act needs a post at the committee, not one further down.
    below = jinhua.account("committee_organiser", path=jinhua.path)
    with pytest.raises(Forbidden):
        jinhua.do("approve", {"document": "同意"}, candidate.id, as_=below)


def test_a_branch_not_heard_of_yet_is_not_known_here(jinhua: World) -> None:
    with pytest.raises(NotYetKnown):
        jinhua.do("submit", jinhua.application(branch="330702009009"))


def test_a_stale_version_and_an_impossible_action_are_told_as_stale(jinhua: World) -> None:
    candidate = jinhua.a_candidate()
    with pytest.raises(Stale):
        jinhua.do("withdraw", {"document": "撤回书", "expected_version": 9}, candidate.id)
    with pytest.raises(Stale):
        jinhua.do("review", {"findings": "好", "conclusion": "continue"}, candidate.id)


@pytest.mark.catalogue("R2", "R5")
def test_an_overdue_step_is_told_once_and_a_late_one_is_recorded_as_late(jinhua: World) -> None:
    candidate = jinhua.a_candidate()
    assert publish_overdue(jinhua.context) == 0
    jinhua.at(candidate.row.talk_due + timedelta(days=1))
    assert (publish_overdue(jinhua.context), publish_overdue(jinhua.context)) == (1, 0)
    (event,) = jinhua.rows("pending", type="step_overdue")
    assert json.loads(event.body)["data"]["step"] == "talk"
    topics = {"talker": "李", "topics": ["motive"], "record": "谈话"}
    assert jinhua.do("talk", topics, candidate.id)["late"] is True
    posted = candidate.post("application")
    jinhua.later(days=8).do("take_down", {}, posted["publicity_id"])
    candidate.at("activist")
    jinhua.at(candidate.row.review_due + timedelta(days=1))
    assert publish_overdue(jinhua.context) == 1
    reviewed = jinhua.do("review", {"findings": "好", "conclusion": "continue"}, candidate.id)
    assert reviewed["late"] is True


@pytest.mark.catalogue("V7")
def test_the_outcome_of_a_vetting_stands_in_the_dossier(jinhua: World) -> None:
    candidate = jinhua.a_candidate().at("activist")
    data = {
        "case_id": "case-1",
        "candidate_id": candidate.id,
        "outcome": "passed",
        "concluded_on": jinhua.today.isoformat(),
        "valid_until": "2027-01-01",
    }
    jinhua.hear("vetting", "vetting_concluded", "case/case-1", data)
    assert (candidate.row.vetting_outcome, candidate.row.vetting_valid_until) == ("passed", date(2027, 1, 1))
    assert jinhua.types(f"candidate/{candidate.id}")[-1] == "vetting_concluded"
    jinhua.do("review", {"findings": "好", "conclusion": "continue"}, candidate.id)


@pytest.mark.catalogue("R5")
def test_training_is_no_longer_than_its_days(jinhua: World) -> None:
    candidate = jinhua.a_candidate().at("activist")
    day = jinhua.today
    body = {"title": "集中培训", "started_on": day, "ended_on": day, "days": 2, "hours": 16, "assessed": "passed"}
    with pytest.raises(Invalid):
        jinhua.do("train", body, candidate.id)
    jinhua.do("train", {**body, "days": 1, "hours": 8}, candidate.id)
    assert len(jinhua.rows("training")) == 1
