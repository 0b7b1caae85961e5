"""Vetting: asking the departments about a candidate, and concluding from what they answer."""
