"""One function per use case: load, decide, append to the journal, change the tables, in one transaction."""
