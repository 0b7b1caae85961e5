"""The divisions files that the demo carries. Origin and licence: `data/ORIGIN.md`."""

from __future__ import annotations

from importlib import resources

CITIES = ("jinhua", "nanning")


def divisions_csv(city: str) -> bytes:
    """The bytes of one city's file, ready for the registry's import."""
    return resources.files("suite.demo").joinpath("data", f"divisions-{city}.csv").read_bytes()
