"""The registry's use cases: one function each, in one transaction."""
