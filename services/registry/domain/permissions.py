"""Who may do what in the registry: tables that commands, endpoints and documentation read.

Every act is checked against an organisation: the actor's post must cover it. What an organisation is, is decided above it; a post
is given at the organisation itself. Source: NN 2(2), JH 7 8 18 (catalogue G3); the separation of duties is this project's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from services.registry.domain.organisations import Kind
from services.registry.domain.posts import Role

_COMMITTEE = frozenset({Role.COMMITTEE_ORGANISER})
_CITY = frozenset({Role.CITY_DEPARTMENT})
_DEPARTMENTS = _CITY | {Role.COUNTY_DEPARTMENT}
_ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})

EVERYBODY: Final = frozenset(Role)

#: Who may establish an organisation of a kind, holding a post above it (a city department: at itself).
ESTABLISHED_BY: Final[Mapping[Kind, frozenset[Role]]] = MappingProxyType(
    {
        Kind.CITY_DEPARTMENT: _ADMINISTRATOR,
        Kind.COUNTY_DEPARTMENT: _CITY | _ADMINISTRATOR,
        Kind.DISTRICT_COMMITTEE: _CITY | _ADMINISTRATOR,
        Kind.CITY_WORK_COMMITTEE: _CITY | _ADMINISTRATOR,
        Kind.DEPARTMENT_COMMITTEE: _DEPARTMENTS | _ADMINISTRATOR,
        Kind.COMMITTEE: _DEPARTMENTS | _ADMINISTRATOR,
        Kind.GENERAL_BRANCH: _COMMITTEE | _DEPARTMENTS | _ADMINISTRATOR,
        Kind.BRANCH: _COMMITTEE | _DEPARTMENTS | _ADMINISTRATOR,
    }
)
ESTABLISHERS: Final = frozenset(role for roles in ESTABLISHED_BY.values() for role in roles)

#: Who may change which particular of an organisation, holding a post above it.
CHANGED_BY: Final[Mapping[str, frozenset[Role]]] = MappingProxyType(
    {
        "name": _COMMITTEE | _DEPARTMENTS | _ADMINISTRATOR,
        "domain": _COMMITTEE | _DEPARTMENTS,
        "has_committee": _COMMITTEE | _DEPARTMENTS,
        "employees": _COMMITTEE | _DEPARTMENTS,
        "approval_power": _DEPARTMENTS,
        "under_rectification": _DEPARTMENTS,
        "key_managed": _DEPARTMENTS,
    }
)
CHANGERS: Final = frozenset(role for roles in CHANGED_BY.values() for role in roles)

#: A whole city at once, before anybody else has a post there.
DIVISION_IMPORTERS: Final = _ADMINISTRATOR

#: Who keeps the roll; the administrator only loads files into it.
ROLL_KEEPERS: Final = _COMMITTEE | _DEPARTMENTS
ROLL_IMPORTERS: Final = ROLL_KEEPERS | _ADMINISTRATOR
#: Who may look at the roll. An administrator does not need to.
ROLL_READERS: Final = ROLL_KEEPERS | {
    Role.BRANCH_SECRETARY,
    Role.BRANCH_CLERK,
    Role.COUNTY_ORGANISER,
    Role.AUDITOR,
}

#: Who may give a post of a role (and end it), at organisations that an own post covers.
GIVEN_BY: Final[Mapping[Role, frozenset[Role]]] = MappingProxyType(
    {
        Role.BRANCH_SECRETARY: _COMMITTEE | _DEPARTMENTS | _ADMINISTRATOR,
        Role.BRANCH_CLERK: _COMMITTEE | _DEPARTMENTS | _ADMINISTRATOR,
        Role.COMMITTEE_ORGANISER: _DEPARTMENTS | _ADMINISTRATOR,
        Role.COUNTY_ORGANISER: _DEPARTMENTS | _ADMINISTRATOR,
        Role.SPECIAL_ORGANIZER: _COMMITTEE | _DEPARTMENTS | _ADMINISTRATOR,
        Role.DEPARTMENT_LIAISON: _DEPARTMENTS | _ADMINISTRATOR,
        Role.COUNTY_DEPARTMENT: _CITY | _ADMINISTRATOR,
        Role.CITY_DEPARTMENT: _ADMINISTRATOR,
        Role.AUDITOR: _CITY | _ADMINISTRATOR,
        Role.ADMINISTRATOR: _ADMINISTRATOR,
    }
)
GIVERS: Final = frozenset(role for roles in GIVEN_BY.values() for role in roles)
#: Who may look at the posts of others.
POST_READERS: Final = GIVERS | {Role.AUDITOR}
