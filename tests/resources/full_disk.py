"""A program for `test_full_disk`: the library on a disk that is really full. Prints what it saw as JSON.

Where the machine lets a process have a small disk of its own (a ``tmpfs`` in namespaces of its own), that is filled to
the last bytes; elsewhere the limit of the operating system on the size of a written file stands in for it.
"""

import io
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from prevention.core.db import db, unit_of_work
from prevention.roles import Role
from tests.factories.accounts import make_user
from tests.factories.governance import make_agreement
from tests.factories.network import make_organisation
from tests.factories.resources import make_kit, make_resource, make_resource_file
from tests.resources import samples
from tests.resources.test_uploads import announce, handing_in, send
from tests.support.databases import build_app, migrate
from tests.support.http import Client, use_strict_client

DISK_BYTES = 64 * 1024**2
LARGE = samples.pdf_of() + os.urandom(3_000_000)
# So much of a form stays in memory, here and in the server.
MIDDLE = samples.pdf_of() + os.urandom(400_000)
# More than a kit holds in memory while it is packed.
PACKED = samples.pdf_of() + os.urandom(9_000_000)
LEFT_BYTES = 100_000


# A form whose file does not stay in memory while it is read.
SPOOLED = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n' + LARGE + b"\r\n--b--\r\n"


class Disk:
    """A folder that can be filled and made room in."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.ballast = folder, folder / "ballast"
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)], check=False, capture_output=True
        )
        self.is_own = mounted.returncode == 0

    def fill(self) -> None:
        """Leave room for little."""
        if self.is_own:
            free = os.statvfs(self.folder)
            self.ballast.write_bytes(bytes(free.f_bavail * free.f_frsize - LEFT_BYTES))
        else:
            # Without a handler the signal ends the process before the error is told.
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, resource.RLIM_INFINITY))

    def make_room(self) -> None:
        """Undo it."""
        self.ballast.unlink(missing_ok=True)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def left(self) -> list[str]:
        """List what lies there besides the database."""
        return sorted(
            str(path.relative_to(self.folder))
            for path in self.folder.rglob("*")
            if path.is_file() and "sqlite" not in path.name and path != self.ballast
        )


def main(folder: Path) -> dict[str, Any]:
    """Try every way in which the library writes while the disk is full, then once more with room."""
    disk = Disk(folder)
    tempfile.tempdir = str(folder)
    app = build_app(folder / "instance", f"sqlite:///{folder}/db.sqlite")
    migrate(app)
    use_strict_client(app)
    with app.app_context():
        with unit_of_work():
            anna = make_user("Anna", Role.OFFICE)
            packed = make_resource(with_file=False)
            make_resource_file(packed, content=PACKED)
            kit, agreement = make_kit(packed), make_agreement(make_organisation())
        browser = app.test_client()
        assert isinstance(browser, Client)
        browser.sign_in(anna)
        browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        address = announce(browser, len(LARGE)).location
        before = disk.left()
        disk.fill()

        def hand_in(where: str, name: str, content: bytes = MIDDLE, **more: str) -> Any:
            return browser.post(where, data={**more, "file": (io.BytesIO(content), name)}, buffered=True)

        answers = {
            "piece": send(browser, address, LARGE),
            "form": hand_in("/resources/new", "a.pdf", **handing_in("")),
            "spool": browser.post("/resources/new", data=SPOOLED, content_type="multipart/form-data; boundary=b"),
            "version": hand_in(f"/resources/{packed.id}/versions/new", "a.pdf"),
            "sheet": hand_in("/resources/import", "a.xlsx", b"PK\x03\x04" + MIDDLE),
            "document": hand_in(f"/network/agreements/{agreement.id}/documents", "a.pdf"),
            "kit": browser.get(f"/resources/kits/{kit.id}/pack.zip", buffered=True),
        }
        seen = {
            name: (answer.status_code, "no room left on the server" in answer.text) for name, answer in answers.items()
        }
        offset = browser.head(address, headers={"Tus-Resumable": "1.0.0"}).headers["Upload-Offset"]
        after = disk.left()
        disk.make_room()
        again = send(browser, address, LARGE).status_code
        whole = browser.get(f"/resources/kits/{kit.id}/pack.zip", buffered=True).status_code
        db.session.remove()
        db.engine.dispose()
    return {
        "own disk": disk.is_own, "seen": seen, "offset": offset, "left": [one for one in after if one not in before],
        "again": [again, whole],
    }  # fmt: skip


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]))))
