"""A kit to take away: a ZIP with an index page and the files, and a tagged PDF handout. No request to anybody.

Both are made from values that the caller loaded; the files are read from the shelf.
"""

import shutil
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

from flask import current_app

from prevention.core import files
from prevention.core.i18n import current_language
from prevention.core.pdf import render_pdf
from prevention.resources import wording
from prevention.resources.models import SHELF, ResourceKit, ResourceKitItem

# What is larger than this is not held in memory while it is packed.
IN_MEMORY_BYTES = 8 * 1024 * 1024


def pack(kit: ResourceKit, items: Sequence[ResourceKitItem], *, base: str) -> BinaryIO:
    """Pack a kit: ``index.html``, the handout, and each newest file under a numbered name. Gives it at its start.

    Raises:
        NoSpaceLeft: there is no room to pack it.
        BucketAway: the files cannot be read now.
    """
    packed = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115  # handed to the caller
    try:
        with files.telling_a_full_disk():
            _fill(packed, kit, items, base=base)
    except OSError:
        packed.close()
        raise
    packed.seek(0)
    return packed  # type: ignore[return-value]  # it reads and seeks like any binary file


def _fill(
    packed: "tempfile.SpooledTemporaryFile[bytes]", kit: ResourceKit, items: Sequence[ResourceKitItem], *, base: str
) -> None:
    names = {item.id: _name_of(item, number) for number, item in enumerate(items, start=1)}
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("index.html", _render("resources/pack/index.html", kit, items, names=names, base=base))
        archive.writestr("00-scheda.pdf", handout(kit, items, base=base))
        for item in items:
            file = item.resource.newest_file
            if file is None:
                continue
            # Pictures and documents are packed already.
            entry = zipfile.ZipInfo(names[item.id], date_time=file.uploaded_at.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_STORED
            with (
                archive.open(entry, "w", force_zip64=True) as target,
                files.open_stored(file.relative_path, shelf=SHELF) as source,
            ):
                shutil.copyfileobj(source, target)
    packed.flush()


def handout(kit: ResourceKit, items: Sequence[ResourceKitItem], *, base: str) -> bytes:
    """Make the handout of a kit, a tagged PDF in the reader's language."""
    page = _render("resources/pack/handout.html", kit, items, names={}, base=base)
    return render_pdf(page, title=kit.title, language=current_language())


def _name_of(item: ResourceKitItem, number: int) -> str:
    file = item.resource.newest_file
    if file is None:
        return ""
    stem, _dot, extension = files.safe_name(file.file_name).rpartition(".")
    return f"{number:02d}-{stem[:60]}.{extension}"


def _render(
    template: str, kit: ResourceKit, items: Sequence[ResourceKitItem], *, names: Mapping[Any, str], base: str
) -> str:
    # Without the values of a page: a pack is no page of the site and knows nobody.
    page = current_app.jinja_env.get_template(template)
    return page.render(kit=kit, items=items, names=names, base=base, words=wording)
