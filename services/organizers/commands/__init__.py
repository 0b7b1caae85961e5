"""The use cases of organizers: one function each, in one transaction."""
