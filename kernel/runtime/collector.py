"""The garbage collector of a process that serves for a long time."""

from __future__ import annotations

import gc

#: New containers until the youngest are looked at, and how many such looks until older ones are. A request makes thousands that go by
#: themselves: with Python's defaults the collector takes a tenth of the processor's time, with these a few percent, for some MB.
THRESHOLDS = (50_000, 20, 50)


def calm() -> None:
    """To be called when all is loaded: modules, tables and schemas stay for good, and are not looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
