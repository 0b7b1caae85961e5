"""The state tables of all services: named for people, under rules of the packs, with a way to an end; and their page is current."""

from __future__ import annotations

import pytest

from kernel.policy import shipped_book
from kernel.states import NEW, StateTable
from suite.services import INSTALLED
from suite.states import PAGE, page, tables_of

TABLES = [pytest.param(table, id=f"{service.name}-{table.title}") for service in INSTALLED for table in tables_of(service)]
#: What ends and may be taken up again: an entry on the roll.
_REVERSIBLE = {"党员": {"ended"}}
each_table = pytest.mark.parametrize("table", TABLES)


def test_every_service_has_its_tables() -> None:
    assert {service.name for service in INSTALLED if tables_of(service)} == {service.name for service in INSTALLED}


@each_table
def test_every_state_is_named_and_begins_somewhere(table: StateTable) -> None:
    begun = set(table.states)
    # Where no row begins anything, the thing is begun together with another: its first state is the first row's.
    begun |= {next(iter(table)).state} - {NEW}
    assert {row.state for row in table} - {NEW} <= begun == set(table.names)


@each_table
def test_from_every_state_an_end_is_reached_by_acts_of_people_alone(table: StateTable) -> None:
    """A state is an end when nothing leads out of it. No end hangs on the calendar or on another service."""
    ends = _REVERSIBLE.get(table.title) or {
        state for state in table.names if all(set(row.ends) == {state} for row in table if row.state == state)
    }
    reaching = set(ends)
    while more := {row.state for row in table if row.roles and reaching & set(row.ends)} - reaching:
        reaching |= more
    assert ends and set(table.names) <= reaching


@each_table
def test_an_action_is_the_same_peoples_in_every_state(table: StateTable) -> None:
    for action in {row.action for row in table}:
        assert len({(row.roles, row.at) for row in table.of(action)}) == 1, action


@each_table
def test_every_rule_of_a_row_is_in_a_pack(table: StateTable) -> None:
    known = {rule.id for pack in shipped_book().packs for rule in pack.rules}
    known |= {entry.name for pack in shipped_book().packs for entry in pack.parameters}
    assert {rule for row in table for rule in row.rules} - known == set()


def test_the_page_of_the_states_is_current() -> None:
    assert PAGE.read_text() == page()
