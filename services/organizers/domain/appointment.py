"""Who may be appointed as specially appointed organizer: recommended, willing, checked, by a committee that may. Source: NN 4(1)(3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from kernel.errors import Invalid
from kernel.policy import Decision, Policy, Reason, judge, unless

#: What the roll answers; every other condition is stated with the reference of the check.
BY_ROLL = "full_member"

CONDITION_NAMES = {
    "full_member": "中共正式党员",
    "party_work_experience": "有党务工作经历",
    "no_violation": "无违纪违法行为",
    "no_upheld_adverse_report": "无经查实的不良反映",
}


@dataclass(frozen=True, slots=True)
class Member:
    """What the roll says. `full_since`: None for everybody who is not full."""

    status: str
    full_since: date | None

    def full_on(self, day: date) -> bool:
        return self.status == "full" and self.full_since is not None and self.full_since <= day


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found: `met` by condition, and the papers on review (审查) and inspection (考察)."""

    met: Mapping[str, bool]
    review: str
    inspection: str


@dataclass(frozen=True, slots=True)
class AppointmentFacts:
    consented: bool
    full_member: bool
    examination: Examination | None
    approval_power: bool


def check_conditions(named: Sequence[str], policy: Policy) -> None:
    """What is stated is what the packs ask for, each once. Raises `Invalid`."""
    stated = [name for name in policy.value("organizer.conditions") if name != BY_ROLL]
    if sorted(named) != sorted(stated):
        raise Invalid({"conditions": [f"须逐项填写：{'、'.join(stated)}"]})


def decide_willing(consented: bool, policy: Policy) -> Decision:
    """`organizer.willing`: nobody is examined or appointed who has not been asked and has agreed."""
    return judge(unless(consented, policy, "organizer.willing", "尚未征得本人同意", {"consented": consented}))


def decide_appointment(facts: AppointmentFacts, policy: Policy) -> Decision:
    """`organizer.willing`, `organizer.conditions`, `organizer.examined`, `organizer.approval_power`."""
    examined = facts.examination
    return judge(
        *decide_willing(facts.consented, policy).reasons,
        conditions(facts.full_member, examined.met if examined else {}, policy),
        unless(
            examined is not None and bool(examined.review.strip() and examined.inspection.strip()),
            policy,
            "organizer.examined",
            "尚未登记审查和考察",
            {"checked": examined is not None},
        ),
        power(facts.approval_power, policy),
    )


def conditions(full_member: bool, met: Mapping[str, bool], policy: Policy) -> Reason | None:
    """`organizer.conditions`: each of them holds. What nobody has stated does not hold."""
    found = {**met, BY_ROLL: full_member}
    lacking = [name for name in policy.value("organizer.conditions") if not found.get(name, False)]
    names = "、".join(CONDITION_NAMES.get(name, name) for name in lacking)
    return unless(not lacking, policy, "organizer.conditions", f"不符合或尚未核实：{names}", {"lacking": lacking})


def power(approval_power: bool, policy: Policy) -> Reason | None:
    fact = {"approval_power": approval_power}
    return unless(approval_power, policy, "organizer.approval_power", "该党（工）委没有发展党员审批权限", fact)
