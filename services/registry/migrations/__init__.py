"""The registry's line of revisions."""
