"""The others' sides: stand-alone scripts with their libraries' defaults, which know nothing of the suite's kernel."""
