"""Descent speeds in one unit, nanoseconds for each trajectory and step, beside the machine's limit and hand-written loops."""

LIMIT = "the machine's multiply-adds"
COLUMNS = (("the limit", "limit"), ("by hand", "by hand"), ("autograd", "autograd"), ("one by one", "autograd, one trajectory"))


def pytest_terminal_summary(terminalreporter, config):
    """Print a table of the arms whose benchmarks ran."""
    session = getattr(config, "_benchmarksession", None)
    found = [bench for bench in getattr(session, "benchmarks", []) if "each" in bench.extra_info and bench.stats]
    speeds = {(bench.extra_info["arm"], bench.extra_info["how"]): _nanoseconds(bench) for bench in found}
    unit = speeds.pop((LIMIT, "limit"), None)
    if unit is None or not speeds:
        return
    work = {bench.extra_info["arm"]: bench.extra_info.get("multiply_adds") for bench in found}
    terminalreporter.section("descent: nanoseconds for each trajectory and step, one core")
    terminalreporter.write_line(
        f"{'':16}{'kernel':>10}{'limit':>10}{'x limit':>10}" + "".join(f"{name:>22}" for name, _ in COLUMNS[1:])
    )
    for arm in dict.fromkeys(arm for arm, _ in speeds):
        ours = speeds.get((arm, "kernel"))
        if ours is None or not work[arm]:
            continue
        limit = unit * work[arm]
        cells = [_beside(speeds.get((arm, how)), ours) for _, how in COLUMNS[1:]]
        terminalreporter.write_line(f"{arm:16}{ours:10.3f}{limit:10.3f}{ours / limit:9.2f}x" + "".join(cells))
    terminalreporter.write_line(f"The limit is {unit:.4f} ns for each multiply-add of a step, measured in the same run.")


def _nanoseconds(bench):
    return bench.stats.min / bench.extra_info["each"] * 1e9


def _beside(other, ours):
    return f"{'':>22}" if other is None else f"{other:12.1f} ({other / ours:,.0f}x)".rjust(22)
