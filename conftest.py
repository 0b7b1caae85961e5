"""For all tests: property tests try the same examples in every run, and no clock fails one.

`HYPOTHESIS_PROFILE=explore` looks for new examples instead.
"""

import os

from hypothesis import settings

settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))
