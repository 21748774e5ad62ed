"""Registers the plugins of the rooms; no logic, and no torch at collection."""

pytest_plugins = ["evidence.plugin", "training.plugin", "reports.plugin"]
