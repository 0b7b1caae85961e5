"""What every service stands on: policy, journal, bus, store, http, runtime, ops."""
