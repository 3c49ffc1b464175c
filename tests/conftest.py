"""Settings that every test shares."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# Read by torch when it is first imported, and inherited by the servers that tests start: models here are small,
# and threads of two test workers on two cores only fight.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shared CI machine pauses at any moment, so no example has a deadline. CI draws the same examples each time.
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("default"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")
