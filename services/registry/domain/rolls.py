"""The members of a branch by age: what the warning of an ageing branch looks at. Source: NN 2(1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from kernel.policy import Policy

YOUNG, AGEING = "alert.rural.young_age", "alert.rural.ageing_age"


@dataclass(frozen=True, slots=True)
class Roll:
    """Numbers only. Of `members`, those whose birth date is gone count in neither of the other two."""

    members: int
    young: int
    aged: int


def counts_by_age(policy: Policy) -> bool:
    """Whether the packs of the place name the ages to count by."""
    return policy.has(YOUNG) and policy.has(AGEING)


def count(births: Iterable[date | None], on: date, policy: Policy) -> Roll:
    """`births`: one of each member, None where it is not readable any more. Raises `NotInForce`."""
    ages = [None if born is None else age(born, on) for born in births]
    known = [years for years in ages if years is not None]
    youngest, oldest = policy.value(YOUNG), policy.value(AGEING)
    return Roll(len(ages), sum(years <= youngest for years in known), sum(years >= oldest for years in known))


def age(born: date, on: date) -> int:
    """Full years."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
