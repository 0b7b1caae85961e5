"""The demo's chapters beside the main story: each begins in a prepared state, shows one thing, and has its own rules refused.

To add one: a module with a `CHAPTER`, and its place in `ALL`. `xinhuo demo --chapters`, `make demo CHAPTERS=…` and the journey test
know it from there.
"""

from __future__ import annotations

from suite.demo.chapters import departures
from suite.demo.chapters.chapter import Chapter

ALL: tuple[Chapter, ...] = (departures.CHAPTER,)
BY_NAME = {chapter.name: chapter for chapter in ALL}
