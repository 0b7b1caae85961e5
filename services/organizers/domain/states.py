"""The states of organizers, tasks and proceedings, and what may be done in each: tables that everything else reads. Source: NN 4."""

from __future__ import annotations

from typing import Final

from kernel.states import NEW, StateTable, rows

# -- an organizer
RECOMMENDED: Final = "recommended"  # consent, check and review run beside
APPOINTED: Final = "appointed"
WITHDRAWN: Final = "withdrawn"  # the person did not want it
DECLINED: Final = "declined"
LAPSED: Final = "lapsed"
DISMISSED: Final = "dismissed"
RESIGNED: Final = "resigned"
LIVING: Final = (RECOMMENDED, APPOINTED)

# -- a task
OPEN: Final = "open"
DONE: Final = "done"
CALLED_OFF: Final = "called_off"  # the committee takes it back
HANDED_OVER: Final = "handed_over"
LEFT_OPEN: Final = "left_open"  # ended with the organizer's appointment; somebody else has to take it over
OVER: Final = "over"  # the way of the candidate has ended

# -- a proceeding against somebody's wish: decline, dismissal, an assessment not passed
PROPOSED: Final = "proposed"
NOTIFIED: Final = "notified"
HEARD: Final = "heard"
DECIDED: Final = "decided"
KINDS: Final = {"decline": "不予聘任", "dismissal": "解聘", "assessment": "考核不合格"}

SECRETARY: Final = ("branch_secretary",)
COMMITTEE: Final = ("committee_organiser",)
ORGANIZER: Final = ("special_organizer",)
RECOMMENDERS: Final = (*SECRETARY, *COMMITTEE)
REVIEWERS: Final = (*COMMITTEE, "county_department")
#: Who sees the organizers of a committee.
SUPERVISORS: Final = ("committee_organiser", "county_organiser", "county_department", "city_department", "auditor")
READERS: Final = (*SUPERVISORS, *SECRETARY, *ORGANIZER)


APPOINTMENT: Final = StateTable(
    "特聘组织员",
    {
        RECOMMENDED: "已推荐",
        APPOINTED: "聘任中",
        WITHDRAWN: "本人不愿",
        DECLINED: "不予聘任",
        LAPSED: "聘期届满",
        DISMISSED: "已解聘",
        RESIGNED: "已辞聘",
    },
    rows((NEW,), "recommend", RECOMMENDERS, "organizer.reason order.future", RECOMMENDED),
    rows((RECOMMENDED,), "consent", RECOMMENDERS, "organizer.willing order.future order.sequence"),
    rows((RECOMMENDED,), "refuse_consent", RECOMMENDERS, "organizer.willing order.future order.sequence", WITHDRAWN),
    rows((RECOMMENDED,), "check", COMMITTEE, "organizer.willing order.future order.sequence"),
    rows((RECOMMENDED,), "propose_decline", COMMITTEE, "organizer.reason order.future order.sequence"),
    rows((RECOMMENDED,), "decline", COMMITTEE, "organizer.reason organizer.hearing order.future order.sequence", DECLINED),
    rows(
        (RECOMMENDED,),
        "appoint",
        COMMITTEE,
        "organizer.willing organizer.conditions organizer.examined organizer.approval_power order.future order.sequence",
        APPOINTED,
    ),
    rows((APPOINTED,), "assess", COMMITTEE, "organizer.reason organizer.in_term order.future order.sequence"),
    rows((APPOINTED,), "fail", COMMITTEE, "organizer.reason organizer.hearing order.future order.sequence"),
    rows((APPOINTED,), "ask_review", (*COMMITTEE, *ORGANIZER), "order.future order.sequence"),
    rows((APPOINTED,), "review", REVIEWERS, "organizer.reason organizer.review_by_another order.future order.sequence"),
    rows(
        (APPOINTED,),
        "renew",
        COMMITTEE,
        "organizer.assessed organizer.passed organizer.conditions organizer.approval_power organizer.in_term order.future "
        "order.sequence",
    ),
    rows((APPOINTED,), "propose_dismissal", COMMITTEE, "organizer.reason order.future order.sequence"),
    rows((APPOINTED,), "dismiss", COMMITTEE, "organizer.reason organizer.hearing order.future order.sequence", DISMISSED),
    rows((APPOINTED,), "resign", (*COMMITTEE, *ORGANIZER), "organizer.in_term order.future order.sequence", RESIGNED),
    rows((APPOINTED,), "remind", (), ""),
    rows((APPOINTED,), "lapse", (), "organizer.in_term", LAPSED),
    rows(LIVING, "proceed", COMMITTEE, "organizer.hearing order.future order.sequence"),
    rows(LIVING, "drop", COMMITTEE, "organizer.reason order.future order.sequence"),
)

TASK: Final = StateTable(
    "任务",
    {
        OPEN: "办理中",
        DONE: "已办结",
        CALLED_OFF: "已撤回",
        HANDED_OVER: "已移交",
        LEFT_OPEN: "聘期已终，待移交",
        OVER: "对象已离开",
    },
    rows((NEW,), "open", COMMITTEE, "organizer.in_term order.future", OPEN),
    rows((OPEN,), "log", (*COMMITTEE, *ORGANIZER), "organizer.in_term order.future order.sequence"),
    rows((OPEN,), "finish", (*COMMITTEE, *ORGANIZER), "order.future order.sequence", DONE),
    rows((OPEN, LEFT_OPEN), "call_off", COMMITTEE, "order.future order.sequence", CALLED_OFF),
    rows((OPEN, LEFT_OPEN), "hand_over", COMMITTEE, "organizer.in_term order.future order.sequence", HANDED_OVER),
    rows((OPEN,), "prolong", (), ""),
    rows((OPEN,), "end_with_term", (), "organizer.in_term", LEFT_OPEN),
    rows((OPEN,), "end_with_candidate", (), "", OVER),
)
