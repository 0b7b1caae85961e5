"""Recruitment's line of revisions."""
