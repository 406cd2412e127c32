"""Run every measurement, one after the other: ``python -m bench``."""

import subprocess
import sys

MEASUREMENTS = ("answers", "refusals", "pages", "pdf", "register", "indicators", "resources", "engine", "planner")


def main() -> int:
    """Run each measurement in a process of its own, so that peak memory is its own; give the worst exit code."""
    worst = 0
    for name in MEASUREMENTS:
        print(f"== {name}", flush=True)
        worst = max(worst, subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode)
    return worst


if __name__ == "__main__":
    raise SystemExit(main())
