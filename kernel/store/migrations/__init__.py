"""Migrations of the tables that every service has; run in each service's schema beside the service's own."""
