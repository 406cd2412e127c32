"""Where the files of a paper come from: one folder of ours, and nothing else."""

from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

__all__ = ["FatalURLFetchingError", "OwnFilesOnly"]


class OwnFilesOnly(URLFetcher):  # type: ignore[misc]  # weasyprint has no types
    """Read files below one folder and data addresses; refuse the network and every other file.

    A refusal stops the rendering: a paper without its style sheet must not go out.
    """

    def __init__(self, root: Path) -> None:
        super().__init__(allowed_protocols=("file", "data"))
        self._root = root.resolve()

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """Give one of our files or a data address.

        Raises:
            FatalURLFetchingError: it is anything else.
        """
        parts = urlsplit(url)
        if parts.scheme == "file":
            path = Path(url2pathname(parts.path)).resolve()
            if not parts.netloc and path.is_relative_to(self._root) and path.is_file():
                return super().fetch(url, headers)
        elif parts.scheme == "data":
            return super().fetch(url, headers)
        raise FatalURLFetchingError(url)
