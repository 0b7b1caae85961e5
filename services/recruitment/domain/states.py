"""The candidate's states and what may be done in each: one table that everything else reads."""

from __future__ import annotations

from typing import Final

from kernel.states import NEW, StateTable, rows

RECEIVED: Final = "received"  # the application is in; talk and publicity run beside
RECOMMENDED: Final = "recommended"  # a meeting has qualified the person
APPROVED: Final = "approved"  # the superior committee has agreed
DETERMINED: Final = "determined"  # decided by the branch; shown to the public
ACTIVIST: Final = "activist"
PROPOSED: Final = "proposed"  # the branch wants the activist on the list of prospects; superior and public are heard
PROSPECT: Final = "prospect"  # listed; political review and training run beside
EXAMINED: Final = "examined"  # pre-examined, the form is issued; the members' meeting votes
REPORTED: Final = "reported"  # the papers are with the committee that decides
PROBATIONARY: Final = "probationary"
CONVERSION_REPORTED: Final = "conversion_reported"
FULL: Final = "full"
WITHDRAWN: Final = "withdrawn"
REFUSED: Final = "refused"
REMOVED: Final = "removed"
DISQUALIFIED: Final = "disqualified"

APPLICANT_STATES: Final = (RECEIVED, RECOMMENDED, APPROVED, DETERMINED)
ACTIVIST_STATES: Final = (ACTIVIST, PROPOSED)
PROSPECT_STATES: Final = (PROSPECT, EXAMINED, REPORTED)
PROBATION_STATES: Final = (PROBATIONARY, CONVERSION_REPORTED)
#: On the way: one candidacy of this kind per person.
LIVING: Final = (*APPLICANT_STATES, *ACTIVIST_STATES, *PROSPECT_STATES, *PROBATION_STATES)
ENDS: Final = (FULL, WITHDRAWN, REFUSED, REMOVED, DISQUALIFIED)
ALL: Final = (*LIVING, *ENDS)

BRANCH: Final = ("branch_secretary", "branch_clerk")
SECRETARY: Final = ("branch_secretary",)
COMMITTEE: Final = ("committee_organiser",)
DELEGATES: Final = ("committee_organiser", "county_organiser")
COUNTY: Final = ("county_department",)
TELLERS: Final = ("branch_secretary", "branch_clerk", "committee_organiser", "special_organizer")
#: Who may look at the candidates of an open task, and at no others. Source: NN 4(4).
ORGANIZERS: Final = ("special_organizer",)
#: Who may look at a candidate.
READERS: Final = (
    "branch_secretary",
    "branch_clerk",
    "committee_organiser",
    "county_organiser",
    "county_department",
    "city_department",
    "auditor",
)


CANDIDATE: Final = StateTable(
    "人员",
    {
        RECEIVED: "入党申请人",
        RECOMMENDED: "已经推荐",
        APPROVED: "上级已同意",
        DETERMINED: "已确定，公示中",
        ACTIVIST: "入党积极分子",
        PROPOSED: "拟列为发展对象",
        PROSPECT: "发展对象",
        EXAMINED: "预审合格",
        REPORTED: "已报党委审批",
        PROBATIONARY: "预备党员",
        CONVERSION_REPORTED: "转正已报党委审批",
        FULL: "正式党员",
        WITHDRAWN: "本人撤回",
        REFUSED: "未予接收",
        REMOVED: "调整出库",
        DISQUALIFIED: "取消资格",
    },
    rows(
        (NEW,),
        "submit",
        BRANCH,
        "application.written application.age application.organisation application.two_new_term application.two_new_loose "
        "application.two_new_village_committee application.exception_consent dossier.one_person order.future order.sequence",
        RECEIVED,
    ),
    rows(APPLICANT_STATES, "talk", BRANCH, "order.future order.sequence talk.topics talk.overdue"),
    rows(
        (RECEIVED, RECOMMENDED, APPROVED),
        "post_application",
        BRANCH,
        "publicity.content_forbidden publicity.content_required publicity.announced_and_posted order.future",
    ),
    rows(ALL, "take_down", BRANCH, "publicity.period publicity.objection_open publicity.taken_down order.future order.sequence"),
    rows(ALL, "objection", (*BRANCH, *COMMITTEE), "order.future order.sequence"),
    rows(ALL, "conclude_objection", (*SECRETARY, *COMMITTEE), "publicity.objection_heard order.future order.sequence"),
    rows(
        (RECEIVED,),
        "nominate",
        BRANCH,
        "order.future order.sequence recommendation.yearly recommendation.pool recommendation.secret_ballot "
        "recommendation.absent_heard recommendation.mass_categories",
    ),
    rows(
        (RECEIVED,),
        "recommend",
        SECRETARY,
        "tally.sums tally.two_tellers tally.tellers_agree recommendation.delegate_signature "
        "recommendation.member_share recommendation.mass_share recommendation.mass_quorum "
        "application.rectification_delegate order.future order.sequence",
        RECOMMENDED,
    ),
    rows((RECOMMENDED,), "approve", COMMITTEE, "activist.superior_approval order.future order.sequence", APPROVED),
    rows((RECOMMENDED, APPROVED), "decline", COMMITTEE, "order.future order.sequence", RECEIVED),
    rows((RECOMMENDED, APPROVED), "ballot", BRANCH, "activist.body activist.tally_on_the_spot order.future order.sequence"),
    rows(
        (RECEIVED, RECOMMENDED, APPROVED),
        "determine",
        SECRETARY,
        "recommendation.required activist.superior_approval activist.ballot activist.majority activist.body "
        "activist.contacts activist.contacts_relatives application.rectification_delegate dossier.complete "
        "order.future order.sequence",
        DETERMINED,
    ),
    rows(
        (DETERMINED,),
        "post_activist",
        BRANCH,
        "publicity.content_forbidden publicity.content_required publicity.announced_and_posted order.future order.sequence",
    ),
    rows((DETERMINED,), "list", BRANCH, "publicity.period publicity.objection_open order.future order.sequence", ACTIVIST),
    rows((DETERMINED,), "annul", SECRETARY, "order.future order.sequence", RECEIVED),
    rows((ACTIVIST,), "file", COMMITTEE, "activist.filing order.future order.sequence"),
    rows(ACTIVIST_STATES, "review", BRANCH, "order.future order.sequence cultivation.review_overdue"),
    rows(
        (*ACTIVIST_STATES, PROSPECT),
        "train",
        (*BRANCH, *COMMITTEE),
        "cultivation.training training.assessed order.future order.sequence",
    ),
    rows(ACTIVIST_STATES, "change_contacts", BRANCH, "activist.contacts activist.contacts_relatives order.future order.sequence"),
    # from activist to prospect
    rows((ACTIVIST,), "hear_opinions", BRANCH, "order.future order.sequence"),
    rows((ACTIVIST,), "prospect_ballot", BRANCH, "activist.body prospect.ballot order.future order.sequence"),
    rows(
        (ACTIVIST,),
        "propose",
        SECRETARY,
        "activist.body prospect.earliest prospect.opinions prospect.ballot prospect.majority prospect.introducers "
        "prospect.introducers_relatives activist.filing dossier.complete order.future order.sequence",
        PROPOSED,
    ),
    rows((PROPOSED,), "endorse", COMMITTEE, "order.future order.sequence"),
    rows((PROPOSED,), "return_proposal", COMMITTEE, "order.future order.sequence", ACTIVIST),
    rows(
        (PROPOSED,),
        "post_prospect",
        BRANCH,
        "prospect.superior_agreement publicity.content_forbidden publicity.content_required publicity.announced_and_posted "
        "order.future order.sequence",
    ),
    rows(
        (PROPOSED,),
        "list_prospect",
        SECRETARY,
        "prospect.filing prospect.superior_agreement publicity.period publicity.objection_open order.future order.sequence",
        PROSPECT,
    ),
    rows((PROPOSED,), "annul_proposal", SECRETARY, "order.future order.sequence", ACTIVIST),
    # political review and pre-examination
    rows((PROSPECT,), "review_by_branch", SECRETARY, "order.future order.sequence"),
    rows((PROSPECT,), "review_by_committee", COMMITTEE, "review.order order.future order.sequence"),
    rows(
        PROSPECT_STATES,
        "change_introducers",
        BRANCH,
        "prospect.introducers prospect.introducers_relatives order.future order.sequence",
    ),
    rows((PROSPECT,), "send_dossier", COMMITTEE, "dossier.complete order.future order.sequence"),
    rows((PROSPECT,), "consent_to_start", COUNTY, "pre_examination.dossier_first plan.figure order.future order.sequence"),
    rows(
        (PROSPECT, EXAMINED),
        "pre_examine",
        COMMITTEE,
        "review.required review.order vetting.conclusion_lapsed vetting.home_village training.length training.assessed "
        "pre_examination.county_consent pre_examination.dossier_first plan.figure form.coded form.code_reused dossier.complete "
        "order.future order.sequence",
        EXAMINED,
    ),
    rows((EXAMINED,), "reopen", COMMITTEE, "order.future order.sequence", PROSPECT),
    # the members' meeting
    rows(
        (EXAMINED,),
        "admission_meeting",
        BRANCH,
        "pre_examination.form admission.meeting_in_time admission.leaving review.required vetting.conclusion_lapsed meeting.quorum "
        "meeting.excluded meeting.entitled_by_roll meeting.ballot meeting.one_by_one order.future order.sequence",
    ),
    rows(
        (EXAMINED,),
        "note_admission_vote",
        SECRETARY,
        "tally.sums tally.two_tellers tally.tellers_agree meeting.delegate_signature meeting.tally_on_the_spot order.future "
        "order.sequence",
    ),
    rows(
        (EXAMINED,),
        "post_probationary",
        BRANCH,
        "meeting.majority publicity.content_forbidden publicity.content_required publicity.announced_and_posted "
        "order.future order.sequence",
    ),
    rows(
        (EXAMINED,),
        "post_residence",
        BRANCH,
        "meeting.majority publicity.content_forbidden publicity.content_required order.future order.sequence",
    ),
    rows(
        (EXAMINED,),
        "report",
        SECRETARY,
        "meeting.majority publicity.period publicity.objection_open dossier.complete order.future order.sequence",
        REPORTED,
    ),
    rows((EXAMINED,), "annul_vote", SECRETARY, "order.future order.sequence"),
    # the committee
    rows(
        (REPORTED,),
        "committee_talk",
        (*COMMITTEE, "county_organiser"),
        "committee.talk committee.talk_by_organiser order.future order.sequence",
    ),
    rows((REPORTED, CONVERSION_REPORTED), "extend_decision", COMMITTEE, "committee.decision_due order.future order.sequence"),
    rows(
        (REPORTED, CONVERSION_REPORTED),
        "committee_meeting",
        COMMITTEE,
        "committee.quorum committee.ballot committee.introduced committee.one_by_one order.future order.sequence",
    ),
    rows(
        (REPORTED, CONVERSION_REPORTED),
        "note_committee_vote",
        COMMITTEE,
        "tally.sums tally.two_tellers tally.tellers_agree order.future order.sequence",
    ),
    rows(
        (REPORTED,),
        "approve_admission",
        COMMITTEE,
        "committee.talk committee.talk_by_organiser committee.ballot committee.majority review.required vetting.conclusion_lapsed "
        "committee.decision_due order.future order.sequence",
        PROBATIONARY,
    ),
    rows(
        (REPORTED,), "reject_admission", COMMITTEE, "adjustment.reason adjustment.hearing order.future order.sequence", PROSPECT
    ),
    # probation and conversion
    rows((PROBATIONARY,), "take_oath", (*BRANCH, *COMMITTEE), "oath.late order.future order.sequence"),
    rows(PROBATION_STATES, "review_probation", BRANCH, "probation.review_overdue order.future order.sequence"),
    rows((PROBATIONARY,), "apply_for_conversion", BRANCH, "conversion.own_application order.future order.sequence"),
    rows(
        (PROBATIONARY,),
        "conversion_meeting",
        BRANCH,
        "conversion.own_application conversion.after_probation meeting.quorum meeting.excluded meeting.entitled_by_roll "
        "meeting.ballot meeting.one_by_one order.future order.sequence",
    ),
    rows(
        (PROBATIONARY,),
        "note_conversion_vote",
        SECRETARY,
        "tally.sums tally.two_tellers tally.tellers_agree meeting.delegate_signature meeting.tally_on_the_spot order.future "
        "order.sequence",
    ),
    rows(
        (PROBATIONARY,),
        "post_conversion",
        BRANCH,
        "meeting.majority publicity.content_forbidden publicity.content_required publicity.announced_and_posted "
        "order.future order.sequence",
    ),
    rows(
        (PROBATIONARY,),
        "report_conversion",
        SECRETARY,
        "conversion.own_application meeting.majority publicity.period publicity.objection_open dossier.complete order.future "
        "order.sequence",
        CONVERSION_REPORTED,
    ),
    rows((PROBATIONARY,), "annul_conversion_vote", SECRETARY, "order.future order.sequence"),
    rows(
        (PROBATIONARY,),
        "extend_probation",
        COMMITTEE,
        "probation.extension conversion.after_probation adjustment.reason adjustment.hearing order.future order.sequence",
    ),
    rows(
        (CONVERSION_REPORTED,),
        "approve_conversion",
        COMMITTEE,
        "committee.ballot committee.majority committee.decision_due conversion.overdue order.future order.sequence",
        FULL,
    ),
    rows(
        (CONVERSION_REPORTED,),
        "reject_conversion",
        COMMITTEE,
        "adjustment.reason adjustment.hearing order.future order.sequence",
        PROBATIONARY,
    ),
    # the way out, and corrections
    rows(LIVING, "proceed", (*BRANCH, *COMMITTEE), "adjustment.hearing order.future order.sequence"),
    rows(LIVING, "propose_end", SECRETARY, "adjustment.timely adjustment.reason order.future order.sequence"),
    rows(LIVING, "keep", COMMITTEE, "adjustment.hearing order.future order.sequence"),
    rows(APPLICANT_STATES, "refuse", COMMITTEE, "adjustment.reason adjustment.hearing", REFUSED),
    rows(
        (*ACTIVIST_STATES, *PROSPECT_STATES),
        "remove",
        COMMITTEE,
        "adjustment.timely adjustment.reason adjustment.hearing",
        REMOVED,
    ),
    rows(PROBATION_STATES, "disqualify", COMMITTEE, "adjustment.reason adjustment.hearing", DISQUALIFIED),
    rows(LIVING, "withdraw", BRANCH, "order.future order.sequence", WITHDRAWN),
    rows(ALL, "request_correction", BRANCH, "order.future"),
    rows(ALL, "correct", COMMITTEE, "correction.four_eyes"),
)

_STAGES: Final = {
    **dict.fromkeys(APPLICANT_STATES, "applicant"),
    **dict.fromkeys(ACTIVIST_STATES, "activist"),
    **dict.fromkeys(PROSPECT_STATES, "prospect"),
    **dict.fromkeys(PROBATION_STATES, "probationary"),
}


def stage(state: str) -> str:
    """The stage for people: applicant, activist, prospect, probationary, full, or the end itself."""
    return _STAGES.get(state, state)
