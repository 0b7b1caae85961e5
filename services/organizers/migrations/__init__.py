"""Migrations of organizers."""
