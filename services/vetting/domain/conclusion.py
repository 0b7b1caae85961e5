"""Whether a case may be concluded, and how. The system computes what is missing; a person concludes, also when all is clear.

Source: Xinhuo (V6, V7), JH 5 for the written result; each rule's own source stands in the packs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from kernel.policy import Decision, Policy, Reason, judge, unless
from kernel.workdays import add_days, add_months, add_workdays
from services.vetting.domain import home_village, replies, states
from services.vetting.domain.departments import HOME_VILLAGE, is_asked, name_of

PASSED: Final = "passed"
NOT_PASSED: Final = "not_passed"

# findings of an adjudication
OBSTACLE: Final = "obstacle"  # the concern stands in the way
NO_OBSTACLE: Final = "no_obstacle"
GO_ON_WITHOUT: Final = "go_on_without"  # a department cannot say, and the committee goes on for a written reason

FINDINGS: Final = {replies.CONCERN: (OBSTACLE, NO_OBSTACLE), replies.CANNOT_SAY: (GO_ON_WITHOUT,)}


@dataclass(frozen=True, slots=True)
class Line:
    """One department of the case, as its live request stands. `answer` is the standing one.

    `finding` is the adjudication of that very answer. The days of hearing are those of that answer too.
    """

    department: str
    state: str
    answer: str | None = None
    finding: str | None = None
    informed_on: date | None = None
    hearing_until: date | None = None
    bar_confirmed_on: date | None = None
    heard_on: date | None = None
    is_recheck: bool = False


@dataclass(frozen=True, slots=True)
class ConclusionFacts:
    """`last_reply`: the latest day on which anything was received that counts; None where nothing was."""

    outcome: str
    day: date
    lines: Sequence[Line]
    last_reply: date | None
    coverage: Sequence[Reason | None]  # of `opening.decide_coverage` and `home_village.decide_asked`


def decide_conclusion(facts: ConclusionFacts, policy: Policy) -> Decision:
    """`values`: `valid_until`, the last day on which a pass may be used (None for `not_passed`)."""
    reasons: list[Reason | None] = [*facts.coverage]
    reasons += [_answered(line, policy) for line in facts.lines]
    reasons += [_undisputed(line, policy) for line in facts.lines]
    reasons += [_adjudicated(line, policy) for line in facts.lines]
    reasons.append(_grounds(facts, policy))
    if facts.outcome == NOT_PASSED:
        obstacles = [line for line in facts.lines if line.finding == OBSTACLE]
        reasons += [_informed(line, facts.day, policy) for line in obstacles]
        reasons += [_heard(line, facts.day, policy) for line in obstacles]
    reasons.append(_dated(facts, policy))
    months = int(policy.value("vetting.conclusion_valid_months"))
    valid = add_months(facts.day, months) if facts.outcome == PASSED else None
    return judge(*reasons, values={"valid_until": valid})


def _named(line: Line, policy: Policy) -> str:
    return name_of(line.department, policy)


def _answered(line: Line, policy: Policy) -> Reason | None:
    """No answer is never taken for clear. An open re-check is a rule of its own."""
    village = line.department == HOME_VILLAGE and policy.has_rule(home_village.RULE)
    rule = "vetting.recheck_open" if line.is_recheck else home_village.RULE if village else "vetting.all_answers_in"
    text = "对“{}”答复的复核尚无结果" if line.is_recheck else "“{}”尚未答复"
    return unless(line.state != states.ASKED, policy, rule, text.format(_named(line, policy)), {"department": line.department})


def _undisputed(line: Line, policy: Policy) -> Reason | None:
    return unless(
        line.state != states.DISPUTED,
        policy,
        "vetting.dispute_open",
        f"“{_named(line, policy)}”前后答复不一，尚未认定以哪一份为准",
        {"department": line.department},
    )


def _adjudicated(line: Line, policy: Policy) -> Reason | None:
    if line.state != states.ANSWERED or line.answer not in FINDINGS:
        return None
    found = line.finding in FINDINGS[line.answer]
    if line.answer == replies.CANNOT_SAY:
        # An answer that says nothing is never taken for clear either.
        text = f"“{_named(line, policy)}”答复无法说明，既未改询，党委也未写明理由"
        return unless(found, policy, "vetting.all_answers_in", text, {"department": line.department, "answer": line.answer})
    text = f"“{_named(line, policy)}”反映的情况尚未认定"
    return unless(found, policy, "vetting.adjudication_reason", text, {"department": line.department})


def _grounds(facts: ConclusionFacts, policy: Policy) -> Reason | None:
    obstacles = sorted(line.department for line in facts.lines if line.finding == OBSTACLE)
    if facts.outcome == PASSED:
        text = "已认定有情况构成障碍，不得作通过的结论"
        return unless(not obstacles, policy, "vetting.outcome_grounds", text, {"obstacles": obstacles})
    text = "没有任何经认定构成障碍的情况，不得作不通过的结论"
    return unless(bool(obstacles), policy, "vetting.outcome_grounds", text, {"obstacles": []})


def _informed(line: Line, day: date, policy: Policy) -> Reason | None:
    told = _by(line.informed_on, day) or _by(line.bar_confirmed_on, day)
    return unless(
        told,
        policy,
        "vetting.person_informed",
        f"“{_named(line, policy)}”反映的情况尚未告知本人，也没有上级关于依法不得告知的书面确认",
        {"department": line.department, "informed_on": _text(line.informed_on)},
    )


def _heard(line: Line, day: date, policy: Policy) -> Reason | None:
    if line.informed_on is None:
        return None  # the rule on informing speaks; or disclosure is barred, and there is nothing to be heard on
    over = line.hearing_until is not None and line.hearing_until < day
    return unless(
        _by(line.heard_on, day) or over,
        policy,
        "vetting.person_heard",
        f"本人尚未陈述，陈述期至 {line.hearing_until} 止",
        {"department": line.department, "hearing_until": _text(line.hearing_until)},
    )


def _dated(facts: ConclusionFacts, policy: Policy) -> Reason | None:
    return unless(
        facts.last_reply is None or facts.last_reply <= facts.day,
        policy,
        "vetting.conclusion_after_replies",
        f"结论的日期 {facts.day} 早于最后一份答复的日期 {facts.last_reply}",
        {"day": facts.day.isoformat(), "last_reply": _text(facts.last_reply)},
    )


def _by(step: date | None, day: date) -> bool:
    return step is not None and step <= day


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def hearing_until(noted_on: date, policy: Policy) -> date:
    """The last day of the time that the person has to state the case and to ask for a re-check.

    It runs from the day on which the informing was put on record: one that is entered later cannot shorten it.
    """
    return add_workdays(noted_on, int(policy.value("vetting.hearing_workdays"))).day


def decide_adjudication(finding: str, reason: str, policy: Policy) -> Decision:
    """A person's finding about the standing answer, with a written reason."""
    return judge(
        unless(
            bool(reason.strip()),
            policy,
            "vetting.adjudication_reason",
            "认定未写明理由",
            {"finding": finding, "reason_given": bool(reason.strip())},
        )
    )


def decide_withdrawal(department: str, answers: Sequence[str], policy: Policy) -> Decision:
    """May the question to `department` be withdrawn? `answers`: all that it has said in the case. Whoever is not asked any more may."""
    concern = replies.CONCERN in answers and is_asked(department, policy)
    return judge(
        unless(
            not concern,
            policy,
            "vetting.adjudication_reason",
            f"“{name_of(department, policy)}”已反映情况，须作认定，不得以撤回征询代替",
            {"department": department},
        )
    )


def fits(answer: str | None, finding: str) -> bool:
    """Whether the finding is one of those that this answer can have."""
    return finding in FINDINGS.get(answer or "", ())


def decide_recheck(done: int, department: str, policy: Policy) -> Decision:
    """The person's own request; `done` re-checks of that department were made before."""
    most = int(policy.value("vetting.rechecks"))
    return judge(
        unless(
            done < most,
            policy,
            "vetting.recheck_again",
            f"对“{name_of(department, policy)}”的答复已复核 {done} 次，以 {most} 次为限",
            {"department": department, "done": done, "most": most},
        )
    )


def renewable_from(valid_until: date, policy: Policy) -> date:
    """The first day on which the departments may be asked again before a conclusion lapses."""
    return add_days(valid_until, -int(policy.value("vetting.renewal_days")))


def decide_renewal(valid_until: date, day: date, policy: Policy, *, before_correction: bool = False) -> Decision:
    """`vetting.renewal_early`: departments are not asked again about somebody as long as the conclusion has long to run.

    `before_correction`: they were asked under a name or ID number that was wrong, and may have answered about somebody else.
    """
    first = renewable_from(valid_until, policy)
    return judge(
        unless(
            day >= first or before_correction,
            policy,
            "vetting.renewal_early",
            f"结论有效期至 {valid_until} 止，最早可于 {first} 重新征询",
            {"valid_until": valid_until.isoformat(), "first_possible": first.isoformat(), "day": day.isoformat()},
        )
    )


def answers_kept_until(ended_on: date, policy: Policy) -> date:
    """The last day on which the committee may still look at answers."""
    return add_months(ended_on, int(policy.value("vetting.answers_kept_months")))
