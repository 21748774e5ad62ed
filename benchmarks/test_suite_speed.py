"""The whole suite at smoke budget from an empty store, collection and page included. The time is reported, not judged."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_smoke_budget_from_an_empty_store(benchmark, tmp_path):
    options = ["--claims-budget=smoke", f"--claims-store={tmp_path / 'store'}", f"--claims-report={tmp_path / 'report'}"]
    command = [sys.executable, "-m", "pytest", "claims", "-q", *options]
    result = benchmark.pedantic(subprocess.run, args=(command,), kwargs={"cwd": ROOT, "capture_output": True}, rounds=1)
    assert result.returncode == 0, result.stdout
