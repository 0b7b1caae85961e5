"""Reads. Names and what is said about persons are opened for those concerned; every look is noted."""
