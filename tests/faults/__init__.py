"""Tests that kill, cut, pause and restart: on private servers only, each with a control in which a safeguard is off."""
