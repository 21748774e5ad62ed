"""Registers the plugins of the rooms; no logic, and no torch at collection."""

import os

# Read when NumPy is first imported. Trainings already take a core each: matrix products in threads of their own would share these
# cores, twenty times as slow at worst, and none of the suite's is large enough to gain.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

pytest_plugins = ["evidence.plugin", "training.plugin", "reports.plugin"]
