"""Odd files are refused or made harmless, it is said why, and nothing is left on the disk."""

import gzip
import io
import socket
import struct
import subprocess
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from prevention.config import Settings
from prevention.core import files
from prevention.core.intake import Kept, Upload, keep, wording
from prevention.core.intake.workbench.limits import Refused
from prevention.core.intake.workbench.office import clean_office
from prevention.core.intake.workbench.pdf import clean_pdf
from prevention.core.intake.workbench.pictures import clean_picture
from prevention.resources import rules
from prevention.resources.models import SHELF
from prevention.resources.rules import Fault, FileRefused
from tests.resources import odd_files, samples
from tests.support.databases import test_settings
from tests.support.ports import free_port

MEBIBYTE = 1024 * 1024


class Intake:
    """An application that has only an instance folder and settings, and what is handed in to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.app = Flask("intake", instance_path=str(folder))
        self.configure()

    def configure(self, **environment: str) -> None:
        """Give it these settings."""
        settings: Settings = test_settings(self.folder, "sqlite:///unused", **environment)
        self.app.config.update(settings.flask_config())

    def take(self, content: bytes, name: str = "lezione.pdf", *, keeps_signed: bool = False) -> Kept:
        """Hand a file in."""
        upload = Upload(stream=io.BytesIO(content), file_name=name)
        with self.app.app_context():
            return keep(upload, max_bytes=25 * MEBIBYTE, shelf=SHELF, keeps_signed=keeps_signed)

    def kept(self, kept: Kept) -> bytes:
        """Read what is in the store."""
        with self.app.app_context(), files.open_stored(kept.stored.relative_path, shelf=SHELF) as stored:
            return stored.read()

    def left(self) -> list[str]:
        """List what lies in the folder, whatever its name."""
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file())


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    return Intake(tmp_path)


@pytest.mark.parametrize("odd", odd_files.FILES, ids=lambda odd: odd.what)
def test_an_odd_file_is_refused_with_its_reason_or_made_harmless(intake: Intake, odd: odd_files.Odd) -> None:
    content = odd.content()
    if odd.fault is not None:
        with pytest.raises(FileRefused) as refusal:
            intake.take(content, odd.file_name)

        assert odd.fault is refusal.value.fault
        assert wording.FAULTS[refusal.value.fault]
        assert [] == intake.left()
    else:
        kept = intake.take(content, odd.file_name)

        assert odd_files.EVIL not in intake.kept(kept)
        assert odd_files.EVIL not in _unpacked(intake.kept(kept))
        assert {kept.media_type} >= {samples.KINDS[kept.file_name.rsplit(".", 1)[-1]]}
        assert not set('/\\\r\n\0:"\u202e') & set(kept.file_name)
        assert len(kept.file_name) <= files.NAME_LENGTH_MAX
        assert [f"{SHELF}/{kept.stored.relative_path}"] == intake.left()


def _unpacked(content: bytes) -> bytes:
    """Lay a kept file open: every part of a document, every object of a PDF."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return b"".join(archive.read(name) for name in archive.namelist())
    if content.startswith(b"%PDF"):
        with pikepdf.open(io.BytesIO(content)) as pdf:
            laid_open = io.BytesIO()
            pdf.save(laid_open, stream_decode_level=pikepdf.StreamDecodeLevel.all, compress_streams=False, qdf=True)
        return laid_open.getvalue()
    return content


@pytest.mark.parametrize(
    ("content", "name", "extension"),
    [
        (samples.PDF, "Lezione 1.pdf", "pdf"),
        (samples.DOCX, "Lezione 1.docx", "docx"),
        (samples.ODT, "lezione.odt", "odt"),
        (samples.PNG, "foto.png", "png"),
        (samples.picture_of("WEBP"), "foto.webp", "webp"),
    ],
)
def test_a_good_file_is_kept_as_what_it_is(intake: Intake, content: bytes, name: str, extension: str) -> None:
    kept = intake.take(content, name)

    assert (samples.KINDS[extension], name) == (kept.media_type, kept.file_name)


def test_the_same_file_handed_in_twice_is_kept_once(intake: Intake) -> None:
    assert intake.take(samples.PDF).stored == intake.take(samples.PDF).stored
    assert 1 == len(intake.left())


def test_words_and_links_of_a_pdf_stay(intake: Intake) -> None:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    action = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("https://example.org/"))
    link = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=pikepdf.Array([0, 0, 9, 9]), A=action
    )
    pdf.pages[0].obj.Annots = pikepdf.Array([pdf.make_indirect(link)])
    pdf.Root.Lang = pikepdf.String("it")

    with pikepdf.open(io.BytesIO(intake.kept(intake.take(samples.pdf_of(pdf))))) as kept:
        assert "it" == str(kept.Root.Lang)
        assert "https://example.org/" == str(kept.pages[0].obj.Annots[0].A.URI)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_of_a_picture_that_moves_the_first_frame_is_kept(intake: Intake, kind: str) -> None:
    kept = intake.kept(intake.take(odd_files._frames(kind, 20), "a.png"))

    with Image.open(io.BytesIO(kept)) as picture:
        assert 1 == getattr(picture, "n_frames", 1)


def test_a_sheet_with_ordinary_formulas_is_taken(intake: Intake) -> None:
    formula = "SUM(A1:A3)+IF(B1=&quot;x|y&quot;,'Foglio 2'!C1,PRODUCT(D1,2))"

    assert "a.xlsx" == intake.take(odd_files._sheet(formula), "a.xlsx").file_name


def test_a_packed_drawing_of_an_older_program_is_taken(intake: Intake) -> None:
    parts = samples.WORD | {"word/media/image1.emz": gzip.compress(b"\x01\0\0\0" + bytes(4000))}

    assert "a.docx" == intake.take(samples.zip_of(parts), "a.docx").file_name


def test_a_picture_is_turned_upright_before_its_notes_are_dropped(intake: Intake) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6

    kept = intake.take(samples.picture_of("JPEG", (30, 20), exif=exif.tobytes()), "foto.jpg")

    with Image.open(io.BytesIO(intake.kept(kept))) as picture:
        assert (20, 30) == picture.size
        assert not picture.getexif()


def test_a_document_with_a_sheet_in_it_and_web_links_is_taken(intake: Intake) -> None:
    parts = {
        "word/embeddings/a.xlsx": samples.zip_of({"[Content_Types].xml": samples.TYPES, "xl/workbook.xml": b"<x/>"}),
        "word/_rels/document.xml.rels": (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a" '
            f'Type="{samples.RELATIONSHIPS}/hyperlink" Target="https://example.org" TargetMode="External"/>'
            "</Relationships>"
        ).encode(),
    }

    assert "docx" == intake.take(samples.zip_of(samples.WORD | parts), "a.docx").file_name.rsplit(".", 1)[-1]


def test_two_gigabytes_stop_at_the_limit_and_leave_nothing(intake: Intake) -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            return b"%PDF-" + bytes(size - 5)

        def seek(self, offset: int, whence: int = 0) -> int:
            return 0

    stream = Endless()
    upload = Upload(stream=stream, file_name="a.pdf")  # type: ignore[arg-type]  # reads alike
    with intake.app.app_context(), pytest.raises(rules.FileTooLarge):
        keep(upload, max_bytes=MEBIBYTE, shelf=SHELF)

    assert stream.given < 2 * MEBIBYTE
    assert [] == intake.left()


def test_a_workbench_that_takes_too_long_is_stopped(intake: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prevention.core.intake.cleaning.TIMEOUT_S", 0.01)

    with pytest.raises(FileRefused) as refusal:
        intake.take(samples.PDF)

    assert Fault.BOMB is refusal.value.fault
    assert [] == intake.left()


@given(noise=st.binary(max_size=400), place=st.integers(0, 500), kind=st.sampled_from(["pdf", "docx", "png", "odt"]))
@settings(max_examples=150, deadline=None)
def test_no_damage_whatever_makes_the_workbench_fall_over(noise: bytes, place: int, kind: str) -> None:
    """A file with a hole torn into it is taken or refused; nothing else happens."""
    content = {"pdf": samples.PDF, "docx": samples.DOCX, "png": samples.PNG, "odt": samples.ODT}[kind]
    torn = io.BytesIO(content[:place] + noise + content[place + len(noise) :])
    refused = None
    with tempfile.TemporaryFile() as target:
        try:
            if kind == "pdf":
                clean_pdf(torn, target)
            elif kind == "png":
                clean_picture(torn, target, "image/png")
            else:
                clean_office(torn, target)
        except Refused as refusal:
            refused = str(refusal)

    assert refused is None or refused in set(Fault)


def test_a_signed_pdf_is_kept_as_it_came_where_that_is_asked_for(intake: Intake) -> None:
    signed = odd_files.signed_pdf()

    assert signed == intake.kept(intake.take(signed, keeps_signed=True))
    assert signed != intake.kept(intake.take(signed))


@pytest.mark.parametrize(
    "content",
    [odd_files.signed_pdf() + b"\n% more\n%%EOF\n", samples.PDF, odd_files.pdf_with_script()],
    ids=["more after what was signed", "no signature", "no signature, a script"],
)
def test_what_no_signature_holds_together_is_written_anew(intake: Intake, content: bytes) -> None:
    kept = intake.kept(intake.take(content, keeps_signed=True))

    assert b"% more" not in kept
    assert b"/JavaScript" not in kept


def test_a_signed_pdf_that_acts_by_itself_is_refused(intake: Intake) -> None:
    with pytest.raises(FileRefused) as refusal:
        intake.take(odd_files.signed_pdf(odd_files.open_script), keeps_signed=True)

    assert Fault.SIGNED_ACTIVE is refusal.value.fault
    assert [] == intake.left()


# ---- The virus scanner ------------------------------------------------------------------------------------

# A pattern of our own, so that no virus and no database of viruses is needed.
SIGNATURE = b"this-lesson-is-infected"


@pytest.fixture(scope="module")
def clamd() -> Iterator[str]:
    """Start ClamAV's daemon with one signature of ours; gives the address of its socket."""
    daemon = next((path for path in ("/usr/sbin/clamd", "/usr/local/sbin/clamd") if Path(path).exists()), None)
    if daemon is None:
        pytest.skip("no ClamAV on this machine: install the package clamav-daemon")
    with tempfile.TemporaryDirectory(prefix="clam-") as name:
        folder = Path(name)
        (folder / "db").mkdir()
        (folder / "db" / "ours.ndb").write_text(f"Ours.Test:0:*:{SIGNATURE.hex()}\n")
        (folder / "clamd.conf").write_text(
            f"LocalSocket {folder}/clamd.sock\nDatabaseDirectory {folder}/db\nForeground yes\nStreamMaxLength 5M\n"
            f"PidFile {folder}/pid\nLogFile {folder}/log\nUser {Path('/').owner()}\n"
        )
        process = subprocess.Popen([daemon, "-c", str(folder / "clamd.conf")], stdout=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 600
            while not (folder / "clamd.sock").exists():
                assert process.poll() is None, (folder / "log").read_text()
                assert time.monotonic() < deadline
                time.sleep(0.1)
            yield f"unix://{folder}/clamd.sock"
        finally:
            process.terminate()
            process.wait(300)


def test_the_scanner_stops_an_infected_file_and_lets_a_clean_one_pass(intake: Intake, clamd: str) -> None:
    intake.configure(CLAMAV_URL=clamd)
    infected = samples.zip_of(samples.WORD | {"word/note.txt": SIGNATURE})

    with pytest.raises(FileRefused) as refusal:
        intake.take(infected, "a.docx")

    assert Fault.INFECTED is refusal.value.fault
    assert [] == intake.left()
    assert "lezione.pdf" == intake.take(samples.PDF).file_name


def test_a_file_that_the_scanner_does_not_want_is_not_taken(intake: Intake, clamd: str) -> None:
    intake.configure(CLAMAV_URL=clamd)
    large = samples.zip_of(samples.WORD | {"word/media/a.txt": bytes(range(256)) * 30_000})
    with zipfile.ZipFile(packed := io.BytesIO(), "w", zipfile.ZIP_STORED) as archive:
        for name, part in samples.WORD.items():
            archive.writestr(name, part)
        archive.writestr("word/a.txt", bytes(range(256)) * 30_000)
    assert len(large) < len(packed.getvalue())

    with pytest.raises(rules.NotScanned):
        intake.take(packed.getvalue(), "a.docx")

    assert [] == intake.left()


def test_a_scanner_that_does_not_answer_refuses(intake: Intake) -> None:
    intake.configure(CLAMAV_URL=f"tcp://127.0.0.1:{free_port()}")

    with pytest.raises(rules.NotScanned):
        intake.take(samples.PDF)

    assert [] == intake.left()


def _hang_up(server: socket.socket) -> None:
    server.accept()[0].close()


def test_a_scanner_that_hangs_up_refuses(intake: Intake) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_hang_up, args=(server,), daemon=True).start()
        intake.configure(CLAMAV_URL=f"tcp://127.0.0.1:{server.getsockname()[1]}")

        with pytest.raises(rules.NotScanned):
            intake.take(samples.PDF)


def test_the_protocol_sends_lengths_before_pieces(intake: Intake) -> None:
    """Length and piece, until a length of none: what the daemon's manual says of INSTREAM."""
    heard: list[bytes] = []

    def answer(server: socket.socket) -> None:
        line, _address = server.accept()
        with line, line.makefile("rb") as reader:
            heard.append(reader.read(10))
            while length := struct.unpack("!L", reader.read(4))[0]:
                heard.append(reader.read(length))
            line.sendall(b"stream: OK\0")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer, args=(server,), daemon=True)
        thread.start()
        intake.configure(CLAMAV_URL=f"tcp://127.0.0.1:{server.getsockname()[1]}")
        intake.take(samples.PDF)
        thread.join(300)

    assert b"zINSTREAM\0" == heard[0]
    assert samples.PDF == b"".join(heard[1:])
