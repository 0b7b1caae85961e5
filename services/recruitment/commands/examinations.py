"""Pre-examination: the dossier to the county, its consent, the committee's examination and the form. Sources: JH 7, NT 19, NT' 18."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select

from kernel.commands import Answer, Body, day_of, passing, policy_at
from kernel.errors import Invalid, Stale
from kernel.policy import Decision, Policy, combine, decide_dates
from kernel.unit import Unit
from services.recruitment.commands import codes
from services.recruitment.commands.common import CANDIDATES, advance, branch_of, guard
from services.recruitment.commands.figures import give_back, places_of, take_place
from services.recruitment.commands.rectifications import COUNTY_RANK, county_level
from services.recruitment.domain import completeness, states
from services.recruitment.domain.examination import StartFacts, decide_consented, decide_dossier_first, decide_papers
from services.recruitment.domain.figures import PlaceFacts, decide_place
from services.recruitment.domain.review import ReviewFacts, decide_review
from services.recruitment.domain.training import TrainingFacts, decide_training
from services.recruitment.queries.traces import trace_of
from services.recruitment.tables import special_category, training

#: Other rules speak of these themselves when a prospect is pre-examined.
_APART = ("branch_review", "committee_review", "vetting", "prospect_training", "consent")


def name_categories(unit: Unit, body: Body) -> Answer:
    """The county's list of special categories whose pre-examination is its own; it replaces the former list. Source: JH 7."""
    county = branch_of(unit, body["county"])
    if county.kind not in COUNTY_RANK:
        raise Invalid({"county": ["不是县级组织"]})
    unit.authorise(county.path)
    day = day_of(unit, body)
    policy = policy_at(unit, county, day)
    decide_dates(policy, unit.today, "公布", day, ()).require()
    categories = sorted(set(body["categories"]))
    version = unit.record(
        "special_categories_named",
        stream=f"special_categories/{county.code}",
        expected=None,
        home_county=county.county,
        day=day,
        data={"county": county.code, "categories": categories},
    )
    unit.connection.execute(delete(special_category).where(special_category.c.county == county.code))
    if categories:
        rows = [{"county": county.code, "category": category, "since": day} for category in categories]
        unit.connection.execute(insert(special_category), rows)
    return {"county": county.code, "categories": categories, "version": version, "day": day}


def send_dossier(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """The joining township sends the whole dossier to the county before it looks. Source: JH 7."""
    row = CANDIDATES.find(unit, candidate_id)
    guard(unit, row, "send_dossier", body)
    if row.dossier_sent_on is not None:
        raise Stale("全程记实档案已经报送")
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    combine(
        decide_dates(policy, unit.today, "报送档案", day, (("列为发展对象", row.listed_on),)),
        decide_papers("", _missing(unit, row, policy), policy),
    ).require()
    private = {"document": body["document"]}
    return advance(
        unit, row, "send_dossier", "dossier_sent", policy=policy, day=day, data={}, private=private, dossier_sent_on=day
    )


def consent_to_start(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """The county looks at number and structure against the plan, and consents. Source: JH 7. Answer: `figure`, `taken` of the year."""
    row = CANDIDATES.find(unit, candidate_id)
    guard(unit, row, "consent_to_start", body)
    if row.consented_on is not None:
        raise Stale("县（市、区）委组织部已经同意")
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    category = _category(unit, row, body)
    places = places_of(unit, row.committee, day.year)
    decision = passing(
        combine(
            decide_dates(
                policy, unit.today, "同意启动", day, (("列为发展对象", row.listed_on), ("报送档案", row.dossier_sent_on))
            ),
            decide_dossier_first(_start(row), policy),
            decide_place(places, policy),
        ),
        body,
    )
    answer = advance(
        unit,
        row,
        "consent_to_start",
        "start_consented",
        policy=policy,
        day=day,
        data={"special_category": category, "year": places.year, "figure": places.figure, "taken": places.taken},
        private={"document": body["document"]},
        departures=decision.departures,
        consented_on=day,
    )
    return {**answer, "figure": places.figure, "taken": places.taken}


def _category(unit: Unit, row: Any, body: Body) -> str | None:
    """One of the county's own list. Raises `Invalid`."""
    category: str | None = body.get("special_category")
    if category is None:
        return None
    county = county_level(unit, row)
    query = select(special_category.c.category).where(
        special_category.c.county == county, special_category.c.category == category
    )
    if unit.connection.execute(query).first() is None:
        raise Invalid({"special_category": ["不在本县（市、区）公布的特殊人员类别之内"]})
    return category


def _start(row: Any) -> StartFacts:
    return StartFacts(bool(row.elsewhere), row.domain, row.dossier_sent_on)


def _missing(unit: Unit, row: Any, policy: Policy) -> Sequence[str]:
    items = completeness.items("pre_examination", trace_of(unit.connection, unit.context.policies, row), policy)
    return completeness.missing(items, apart=_APART)


# -- the committee's examination


def pre_examine(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """The committee examines and issues the form, one place of the year's figure. Repeated, it keeps place and form. Answer: `form_code`.

    What is missing refuses: a part of the political review, training, the county's consent, a place, a form of this committee and year.
    """
    row = CANDIDATES.find(unit, candidate_id)
    guard(unit, row, "pre_examine", body)
    if row.vote_passed:
        raise Stale("支部大会已经表决通过，无须再次预审")
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    # The figure's row before anything else: two that want the last place wait for each other here.
    places = places_of(unit, row.committee, day.year, lock=True)
    code = body.get("form_code")
    fresh_code = code if code != row.form_code else None
    if fresh_code and row.form_code:
        raise Invalid({"form_code": ["此人已有志愿书；换发的先登记原编码作废或者遗失"]})
    decision = passing(_decide(unit, row, day, policy, places, fresh_code), body)
    # Who was let pass without a place does not take one beyond the figure when the examination is repeated.
    left = row.state != states.EXAMINED or places.taken < (places.figure or 0)
    takes = row.place_year is None and places.figure is not None and left
    if takes:
        take_place(unit, row.committee, places.year)
    if fresh_code:
        codes.use(unit, fresh_code, row.committee, day.year, candidate_id, day)
    form = fresh_code or row.form_code
    year = places.year if takes else row.place_year
    answer = advance(
        unit,
        row,
        "pre_examine",
        "pre_examined",
        policy=policy,
        day=day,
        data={"form_code": form, "year": year, "again": row.state == states.EXAMINED},
        private={"document": body["document"]},
        departures=decision.departures,
        examined_on=day,
        form_code=form,
        place_year=year,
    )
    return {**answer, "form_code": form, "year": year}


def _decide(unit: Unit, row: Any, day: date, policy: Policy, places: PlaceFacts, fresh_code: str | None) -> Decision:
    """All that speaks against it, at once."""
    review = ReviewFacts(
        branch_on=row.branch_reviewed_on,
        branch_passed=bool(row.branch_review_passed),
        committee_on=row.committee_reviewed_on,
        committee_passed=bool(row.committee_review_passed),
        vetting_outcome=row.vetting_outcome,
        vetting_on=row.vetting_concluded_on,
        valid_until=row.vetting_valid_until,
    )
    held, passed, last = _trainings(unit, row)
    before = (
        ("列为发展对象", row.listed_on),
        ("支部审查", row.branch_reviewed_on),
        ("党委审查", row.committee_reviewed_on),
        ("部门审查结论", row.vetting_concluded_on),
        ("培训结束", last),
        ("县级同意", row.consented_on),
        ("上次预审", row.examined_on),
    )
    decisions = [
        decide_dates(policy, unit.today, "预审", day, before),
        decide_review(review, day, policy),
        decide_training(held, passed, policy),
        decide_consented(row.consented_on, policy),
        decide_dossier_first(_start(row), policy),
        decide_papers(fresh_code or row.form_code, _missing(unit, row, policy), policy),
    ]
    if row.place_year is None and row.state != states.EXAMINED:
        decisions.append(decide_place(places, policy))
    used = codes.decide_use(unit, fresh_code, row.committee, day.year, policy)
    return combine(*decisions, *([used] if used else []))


def _trainings(unit: Unit, row: Any) -> tuple[TrainingFacts, TrainingFacts, date | None]:
    """The prospect's trainings since the listing: all, those passed, and the last day of them."""
    mine = (
        training.c.home_county == row.home_county,
        training.c.candidate_id == row.candidate_id,
        training.c.started_on >= row.listed_on,
    )
    rows = unit.connection.execute(select(training).where(*mine)).all()
    passed = [found for found in rows if found.assessed == "passed"]
    return _length(rows), _length(passed), max((found.ended_on for found in rows), default=None)


def _length(rows: Sequence[Any]) -> TrainingFacts:
    return TrainingFacts(sum(row.days for row in rows), sum(row.hours for row in rows))


def reopen(unit: Unit, body: Body, candidate_id: str) -> Answer:
    """The pre-examination is taken back, with a reason: the place is given back, the form is void or lost for good."""
    row = CANDIDATES.find(unit, candidate_id)
    guard(unit, row, "reopen", body)
    if row.vote_passed:
        raise Stale("支部大会已经表决通过；有异议成立的，先撤销表决结果")
    day = day_of(unit, body)
    policy = policy_at(unit, row, day)
    decide_dates(policy, unit.today, "退回预审", day, (("预审", row.examined_on), ("支部大会", row.voted_on))).require()
    give_back(unit, row)
    codes.void(unit, row, day, body["reason"], body["form"])
    gone: dict[str, Any] = dict.fromkeys(("examined_on", "form_code", "voted_on", "voted_by", "vote_passed"))
    return advance(
        unit,
        row,
        "reopen",
        "pre_examination_reopened",
        policy=policy,
        day=day,
        data={"form": body["form"], "form_code": row.form_code},
        private={"reason": body["reason"]},
        **gone,
    )
