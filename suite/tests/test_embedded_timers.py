"""Which timers of the embedded suite go by the wall clock when somebody moves the business day."""

from __future__ import annotations

from datetime import date

import pytest

from kernel.clock import SimulatedClock
from kernel.ops.settings import Settings
from kernel.runtime.timers import Timer
from suite import embedded
from suite.assembly import migrate
from suite.services import INSTALLED


@pytest.mark.parametrize("moved", [True, False])
def test_whoever_passes_a_clock_moves_the_day(tmp_path, monkeypatch, moved):
    runtimes = []

    class Host:
        def __init__(self, service, runtime, port):
            runtimes.append(runtime)

        def start(self):
            pass

        stop = start

    monkeypatch.setattr(embedded, "ServiceHost", Host)
    settings = Settings(data_dir=tmp_path)
    migrate(settings)
    suite = embedded.Embedded(settings, SimulatedClock(date(2015, 3, 2)) if moved else None)
    suite.start()
    suite.stop()
    assert [runtime.day_is_moved for runtime in runtimes] == [moved] * len(INSTALLED)


def test_only_what_is_sent_to_departments_goes_by_the_wall_clock():
    """All else tells of the business day: run in the middle of one by chance, it would tell more, or in another order."""
    found = {
        (service.name, timer.name): timer.follows_day
        for service in INSTALLED
        for method in vars(service.service_class).values()
        for timer in getattr(method, "nameko_entrypoints", ())
        if isinstance(timer, Timer)
    }
    assert [key for key, follows in found.items() if not follows] == [("vetting", "send")]
    assert len(found) > len(INSTALLED)
