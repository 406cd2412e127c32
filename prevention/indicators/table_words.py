"""The words of published tables, in the reader's language."""

from flask_babel import gettext as _

from prevention.indicators.published import Dimension, Reason


def dimension_title(dimension: Dimension) -> str:
    """Give the title of a table."""
    return {
        Dimension.ALL: _("All pupils"),
        Dimension.SEX: _("By sex"),
        Dimension.LEVEL: _("By level of school"),
        Dimension.GRADE: _("By grade"),
        Dimension.TRACK: _("By kind of upper secondary school"),
        Dimension.SCHOOL: _("By school"),
        Dimension.SEX_GRADE: _("By sex and grade"),
        Dimension.MUNICIPALITY: _("By municipality"),
        Dimension.CUBE: _("By sex, grade and kind of school"),
    }[dimension]


def reason_words(reason: Reason) -> str:
    """Say why a figure is hidden or masked."""
    return {
        Reason.FEW_ANSWERS: _("too few answers"),
        Reason.ONE_CLASS: _("the answers come from one class only"),
        Reason.ONE_SCHOOL: _("the answers come from one school only"),
        Reason.COMPLEMENTARY: _("with it, the figure of a smaller group could be worked out"),
        Reason.DIFFERENCE: _("it differs by a few pupils only from a figure published before"),
        Reason.SMALL_NUMBER: _("almost nobody or almost everybody: the exact number is not shown"),
    }[reason]
