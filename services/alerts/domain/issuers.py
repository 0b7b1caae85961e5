"""Who warns whom, along the tree; and who may let a warning be lifted though its trigger holds. Source: NN 2(2)(3), catalogue A3."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from kernel.policy import Policy

_CITY: Final = "city_department"
_COUNTY: Final = "county_department"
_DEPARTMENT: Final = "department_committee"
_COMMITTEE: Final = "committee"

#: The document's four kinds of issuers, by kind of organisation. Zones and the city's work committees stand beside the counties.
_CLASSES: Final = {
    _CITY: _CITY,
    _COUNTY: _COUNTY,
    _DEPARTMENT: _DEPARTMENT,
    "district_committee": _DEPARTMENT,
    "city_work_committee": _DEPARTMENT,
    _COMMITTEE: _COMMITTEE,
}


@dataclass(frozen=True, slots=True)
class Node:
    """An organisation of a line, from the city's department down to the one concerned."""

    code: str
    kind: str
    approval_power: bool


def issuers(line: Sequence[Node], key_managed: bool, policy: Policy) -> tuple[Node, ...]:
    """Who may warn the last of the line, the one that is proposed first. Empty where nobody stands above.

    The nearest authority above: it warns its direct subordinates, and a committee with the power to approve warns its branches. What
    is key-managed is warned by the county too, or by what stands at its rank, and this is proposed. Source: NN 2(3).
    """
    nearest = _nearest(line[:-1], policy)
    if nearest is None:
        return ()
    # Second of the line: straight below the city's department.
    county = line[1] if key_managed and line[1:-1] and _may(line[1], policy) else None
    if county is None or county == nearest:
        return (nearest,)
    return (county, nearest)


def superior(line: Sequence[Node], issuer: str, policy: Policy) -> Node | None:
    """The authority above the issuer; None above the city's department. Rule: `warning.lift_waived_by`."""
    codes = [node.code for node in line]
    return _nearest(line[: codes.index(issuer)], policy) if issuer in codes else None


def is_key_managed(domain: str | None, flagged: bool, years_without: int, policy: Policy) -> bool:
    """Villages, communities and `two_new` where admission is difficult (as registered) or absent for so many years. Source: NN 2(3)."""
    if not policy.has("alert.key_managed.domains") or domain not in policy.value("alert.key_managed.domains"):
        return False
    return flagged or years_without >= policy.value("alert.key_managed.no_admission_years")


def _nearest(above: Sequence[Node], policy: Policy) -> Node | None:
    return next((node for node in reversed(above) if _may(node, policy)), None)


def _may(node: Node, policy: Policy) -> bool:
    kind = _CLASSES.get(node.kind)
    if kind is None or kind not in _named(policy):
        return False
    return node.approval_power or kind != _COMMITTEE


def _named(policy: Policy) -> Iterable[str]:
    named: Iterable[str] = policy.value("warning.issuers")
    return named
