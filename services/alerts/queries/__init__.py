"""Reads. Whatever shows personal fields notes the look."""
