"""Which departments are asked about a person. Source: NN 3(5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kernel.policy import Decision, Faults, Policy, allow

#: Whom a question goes to beside the departments: the village of the household registration. Source: JH 5.
HOME_VILLAGE: Final = "home_village"


def name_of(code: str, policy: Policy) -> str:
    """The Chinese name of that day, of a department or of the home village."""
    return policy.label("vetting_asked", code) if code == HOME_VILLAGE else policy.department(code).name


def is_asked(code: str, policy: Policy) -> bool:
    """Whether it is still asked on that day."""
    return code == HOME_VILLAGE or policy.department(code).asked


@dataclass(frozen=True)
class DepartmentsFacts:
    """`group`: the person's group, which decides on the list to choose from."""

    group: str


def decide_departments(facts: DepartmentsFacts, policy: Policy) -> Decision:
    """`vetting.departments`: those always asked, how many more, and the list to choose from.

    What the document names, less the departments that are no longer asked on that day. Codes stay the document's and are
    sorted. Values: `always`, `choose`, `from`.
    """
    always = policy.value("vetting.departments.always")
    with Faults() as faults:
        faults.one_of("group", facts.group, policy.labels("vetting_group"))
    return allow(
        {
            "always": _asked(always, policy),
            "choose": policy.value("vetting.departments.choose"),
            "from": _asked(policy.value(f"vetting.departments.from.{facts.group}"), policy),
        }
    )


def _asked(codes: tuple[str, ...], policy: Policy) -> list[str]:
    return sorted(code for code in codes if policy.department(code).asked)
