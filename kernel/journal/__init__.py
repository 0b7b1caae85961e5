"""The append-only record: entries, hash chain, export and verification."""
