"""The rules on the command line: which rules there are, answering them, showing and checking packs."""
