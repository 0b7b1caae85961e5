"""The relays of the embedded suite."""

from __future__ import annotations

from datetime import date

import pytest

from contracts.registry import ORGANISATION_REGISTERED
from kernel.bus.relay import Relay
from kernel.clock import SimulatedClock
from kernel.ops.settings import Settings
from kernel.unit import command
from suite import embedded
from suite.assembly import contexts, migrate


def test_a_relay_that_fails_in_a_way_nobody_foresaw_goes_on(tmp_path, monkeypatch):
    settings = Settings(data_dir=tmp_path)
    migrate(settings)
    rounds = []

    def round(relay):
        rounds.append(relay.database.schema)
        if rounds.count(relay.database.schema) == 1:
            raise RuntimeError("nobody foresaw this")
        return 0

    monkeypatch.setattr(Relay, "round", round)
    monkeypatch.setattr(embedded, "BACKOFF", 0.0)
    suite = embedded.Embedded(settings)
    suite.start(doors=False)
    while any(rounds.count(name) < 3 for name in suite.contexts):
        embedded.eventlet.sleep(0)
    suite.stop()


@pytest.mark.parametrize("rung", [True, False])
def test_the_relay_waits_for_a_command_and_is_rung_by_it(tmp_path, monkeypatch, rung):
    """Control: with nobody to ring, what was said lies there for as long as the relay waits."""
    settings = Settings(data_dir=tmp_path)
    migrate(settings)
    monkeypatch.setattr(embedded, "IDLE", 3600)
    suite = embedded.Embedded(settings)
    suite.start(doors=False)
    for _ in range(5):
        embedded.eventlet.sleep(0)  # until all relays have looked once, and wait
    context, (relay,) = suite.contexts["registry"], [one for one in suite.relays if one.database.schema == "registry"]
    if not rung:
        context.database.bell = lambda: None
    with command(context) as unit:
        example = ORGANISATION_REGISTERED.example
        unit.record(
            ORGANISATION_REGISTERED,
            stream=f"organisation/{example['code']}",
            expected=0,
            home_county=example["county"],
            day=context.clock.today(),
            data=example,
        )
    for _ in range(20):
        embedded.eventlet.sleep(0)
    assert relay.depth() == (0 if rung else 1)
    suite.stop()


def test_production_runs_by_the_real_day(tmp_path):
    settings = Settings(environment="production", data_dir=tmp_path)
    with pytest.raises(ValueError, match="real day"):
        contexts(settings, ("registry",), SimulatedClock(date(2015, 1, 1)))
