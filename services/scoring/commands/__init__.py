"""What people do in scoring: one function per use case, one transaction each."""
