"""The line of revisions of vetting."""
