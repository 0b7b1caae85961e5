"""One function per use case: load, decide, append to the journal, update tables, one transaction."""
