"""The given servers, as tests and benchmarks use them: see `suite.servers`."""

from suite.servers import AMQP_URL, DATABASE_URLS, Available, Database, available, temporary_database, temporary_vhost

__all__ = ["AMQP_URL", "DATABASE_URLS", "Available", "Database", "available", "temporary_database", "temporary_vhost"]
