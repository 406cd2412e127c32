"""A folder gets all papers of a build or none, and a refusal says why."""

import errno
import os
import re
from pathlib import Path

import pytest

from prevention.reports.folders import STAGING, FolderRefused, put_in_place, staged


def test_papers_appear_when_all_are_there(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"

    with staged(folder) as staging:
        (staging / "one.pdf").write_bytes(b"%PDF")
        (staging / "left.json").write_bytes(b"{}")
        assert [STAGING] == [path.name for path in folder.iterdir()]
        put_in_place(staging, folder, ["one.pdf"])

    assert ["one.pdf"] == [path.name for path in folder.iterdir()]


def test_a_second_build_into_the_same_folder_is_refused_and_disturbs_nothing(tmp_path: Path) -> None:
    with staged(tmp_path) as staging:
        (staging / "one.pdf").write_bytes(b"%PDF")

        with pytest.raises(FolderRefused, match="another build is writing into"), staged(tmp_path):
            pass

        assert (staging / "one.pdf").exists()


@pytest.mark.parametrize("below", ["", "below"])
def test_a_file_is_no_folder(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").write_text("x")

    words = r"is no folder, or lies in something that is none"
    with pytest.raises(FolderRefused, match=words), staged(tmp_path / "file" / below):
        pass


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "there is no space left for {}; nothing in it was changed"),
        (errno.EDQUOT, "there is no space left for {}; nothing in it was changed"),
        (errno.EACCES, "{} may not be written to by this user"),
        (errno.EROFS, "{} may not be written to by this user"),
        (errno.EIO, "{} cannot be written to (Input/output error); nothing in it was changed"),
    ],
)
def test_what_goes_wrong_on_the_way_is_said_and_leaves_nothing(tmp_path: Path, number: int, words: str) -> None:
    def write(staging: Path) -> None:
        (staging / "half.pdf").write_bytes(b"%P")
        raise OSError(number, os.strerror(number))

    with pytest.raises(FolderRefused, match=re.escape(words.format(tmp_path))), staged(tmp_path) as staging:
        write(staging)

    assert [] == list(tmp_path.iterdir())
