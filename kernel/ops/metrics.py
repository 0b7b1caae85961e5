"""Every metric of the kernel: what it means, and what to do when it moves."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

#: Events applied by a service's reactions. Stands still while others publish: look at its consumer and at `parked`.
events_applied = Counter("xinhuo_events_applied_total", "Events applied exactly once", ["service"])

#: Events confirmed by the broker (embedded: by every subscriber). Stands still while `pending` grows: the relay or the broker is down.
events_relayed = Counter("xinhuo_events_relayed_total", "Events confirmed and removed from pending", ["service"])

#: Messages put aside because they could not be applied. Any rise wants a person: `xinhuo parked list`.
events_parked = Counter("xinhuo_events_parked_total", "Messages parked", ["service", "source"])

# -- HTTP (kernel.http)

#: Requests answered, by route template and status. A rise of 5xx: read the log lines with that route. A rise of 401 or 403: somebody
#: tries doors, or a token has lost its posts. A rise of 409: many work on the same thing.
http_requests = Counter("xinhuo_http_requests_total", "Requests answered", ["service", "method", "route", "status"])

#: From the request's first byte read to its answer made, in seconds. Rises with the queue: look at `http_running` and the database.
http_seconds = Histogram(
    "xinhuo_http_seconds",
    "Time to answer a request",
    ["service", "method", "route"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30),
)

#: Requests at work and waiting for their turn. Stays at its limit: the database is slow, or it is time for another process.
http_running = Gauge("xinhuo_http_running", "Requests at work or waiting", ["service"])

#: Commands answered from the first time's answer. A steady rise: some client does not get its answers in time and repeats.
idempotent_replays = Counter("xinhuo_idempotent_replays_total", "Repeated commands answered from the record", ["service"])

#: Refusals by rule. No fault of the system; a sudden rise of one rule wants a look at its wording or at the forms before it.
rules_refused = Counter("xinhuo_rules_refused_total", "Refusals by rule", ["service", "rule"])

# -- set when the metrics are read (kernel.ops.health)

#: Events committed and not yet confirmed. Grows: the relay is down, or the broker does not confirm.
pending_depth = Gauge("xinhuo_pending_depth", "Events waiting for the relay", ["service"])

#: Messages parked now. Anything above 0 that stays wants a person: `xinhuo parked list`.
parked_depth = Gauge("xinhuo_parked_depth", "Messages parked", ["service"])

# -- timers (kernel.runtime.timers)

#: Runs of a timer by outcome (done, failed). Stands still on all instances: nobody gets the lease. `failed` rises: read the log.
timer_runs = Counter("xinhuo_timer_runs_total", "Runs of a timer", ["service", "timer", "outcome"])

#: 1 on the one instance that holds the timer's lease. The sum over the instances is 1; for a moment 0 when the holder has died.
lease_held = Gauge("xinhuo_lease_held", "Whether this instance holds the lease", ["service", "timer"])

# -- relay (kernel.bus.relay_process, kernel.bus.amqp_publisher)

#: Rounds in which the relay could do nothing: broker or database away, or an alarm on the broker. Goes on rising: see its log.
relay_held = Counter("xinhuo_relay_held_total", "Rounds of the relay that failed", ["service"])

#: Connections given up: refused, unconfirmed or lost messages, an alarm. What was not confirmed is sent again by itself.
publish_troubles = Counter("xinhuo_publish_troubles_total", "Publishing broken off", ["service"])

#: Messages for which no queue was bound though an installed service hears them. Any rise: somebody deleted a queue or its bindings; the
#: relay declares them again and sends again. It goes on rising: compare `xinhuo relay` and the broker's permissions.
unroutable = Counter("xinhuo_unroutable_total", "Messages that no queue took", ["service"])

# -- streams (kernel.bus.amqp_consumer)

#: Messages per batch. Always at the limit: the consumer lags, see `batch_seconds`; another instance takes half of the shards.
batch_size = Histogram("xinhuo_batch_size", "Messages per batch", ["service"], buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500))

#: From a batch taken to its commit, in seconds. Rises with a slow database, or with messages that fail and are tried alone.
batch_seconds = Histogram(
    "xinhuo_batch_seconds",
    "Time to apply a batch",
    ["service"],
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30),
)

#: Tries of a batch that ended with a fault that passes, so that it was held. Goes on rising: the database is away, or 200 messages in a
#: row could not be applied: see the log, mend, restart.
batches_held = Counter("xinhuo_batches_held_total", "Batches held and tried again", ["service"])

#: Shards that this instance consumes. The sum over a service's instances is 4. Below that for minutes: restart the one that lags.
shards_owned = Gauge("xinhuo_shards_owned", "Shards consumed by this instance", ["service"])

#: Age of the newest event when it was committed here, in seconds: the way through pending, relay, broker and batch.
event_age = Gauge("xinhuo_event_age_seconds", "Age of the last event at its commit", ["service"])
