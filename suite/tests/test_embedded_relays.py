"""The relays of the embedded suite."""

from __future__ import annotations

from datetime import date

import pytest

from kernel.bus.relay import Relay
from kernel.clock import SimulatedClock
from kernel.ops.settings import Settings
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


def test_production_runs_by_the_real_day(tmp_path):
    settings = Settings(environment="production", data_dir=tmp_path)
    with pytest.raises(ValueError, match="real day"):
        contexts(settings, ("registry",), SimulatedClock(date(2015, 1, 1)))
