"""Tests that look at more than one service, and the harness they share (unit tests stand beside their service)."""
