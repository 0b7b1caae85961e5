"""Our sides, each in a process of its own."""
