"""Who acts for a branch: from its clerk up to the county's department, each on an account with the posts that the registry gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from suite.client import Acting

#: who -> the role of the post, and how the account is named, by the code of the organisation at which the post is held
HOLDERS = {
    "secretary": ("branch_secretary", "secretary.{}"),
    "clerk": ("branch_clerk", "clerk.{}"),
    "organiser": ("committee_organiser", "organiser.{}"),
    "deputy": ("committee_organiser", "deputy.{}"),
    "stationed": ("county_organiser", "stationed.{}"),
    "county": ("county_department", "county.{}"),
}


def account(holder: str, organisation: str) -> str:
    return HOLDERS[holder][1].format(organisation)


@dataclass
class Desk:
    """One branch and the people who act for it, up to the city's department.

    `organiser` and `deputy` act for the committee, `stationed` is the county's organiser there. `members`: ids of full members of the
    branch.
    """

    branch: Mapping[str, Any]
    secretary: Acting
    clerk: Acting
    organiser: Acting
    deputy: Acting
    stationed: Acting
    county: Acting
    department: Acting
    members: list[str] = field(default_factory=list)

    @property
    def code(self) -> str:
        return str(self.branch["code"])

    @property
    def city(self) -> str:
        return str(self.branch["city"])

    @property
    def county_code(self) -> str:
        return str(self.branch["home_county"])

    @property
    def committee(self) -> str:
        """The code of the committee directly above."""
        return str(self.branch["parent"])

    @property
    def body(self) -> str:
        """Who decides in this branch."""
        return "branch_committee" if self.branch["has_committee"] else "members_meeting"

    @property
    def tellers(self) -> tuple[Acting, Acting]:
        return self.clerk, self.secretary

    @property
    def tellers_of_the_committee(self) -> tuple[Acting, Acting]:
        return self.organiser, self.deputy

    def count_members(self) -> int:
        """How many full members the branch has now."""
        found = self.secretary.every("registry", "/members", branch=self.code, status="full")
        self.members = [item["member_id"] for item in found]
        return len(self.members)
