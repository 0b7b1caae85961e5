"""How fast the suite is, beside stand-alone scripts that do the same work without its kernel.

`python -m suite.bench` runs every scenario on PostgreSQL and RabbitMQ. All sides of a scenario run in turn, round by round, so that
a slow minute of the machine hits all of them; what counts are the ratios of medians. `baselines` holds the others' sides, which
import nothing of the suite but `stage`; `sides` holds ours.
"""
