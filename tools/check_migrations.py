"""Check that the migrations and the models say the same.

A new SQLite file is brought up to the newest migration; then Alembic compares it with the models. Anything that
it would still change is a migration that somebody forgot.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLASK = str(ROOT / ".venv" / "bin" / "flask")


def main() -> int:
    """Upgrade and compare in a throw-away instance folder; the exit code is that of the comparison."""
    with tempfile.TemporaryDirectory() as instance:
        environment = {**os.environ, "INSTANCE": instance, "LOG_LEVEL": "WARNING", "DATABASE_URL": ""}
        for command in ("upgrade", "check"):
            ended = subprocess.run([FLASK, "db", command], cwd=ROOT, env=environment, check=False)
            if ended.returncode:
                return ended.returncode
    print("The migrations are in step with the models.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
