"""The words for what can be wrong with a table of municipalities, and for kinds of help services."""

from collections.abc import Mapping
from enum import StrEnum

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from prevention.core.csv_wording import REASONS
from prevention.network.municipalities import MunicipalityFault
from prevention.network.rules import HelpServiceKind

MUNICIPALITY_REASONS: Mapping[StrEnum, LazyString] = {
    **REASONS,
    MunicipalityFault.WRONG_ISTAT_CODE: _l("“%(value)s” is not an ISTAT code of six digits"),
    MunicipalityFault.WRONG_CADASTRAL_CODE: _l("“%(value)s” is not a cadastral code such as D150"),
    MunicipalityFault.DUPLICATE_CODE: _l("%(value)s already stands in row %(expected)s"),
    MunicipalityFault.CODE_TAKEN: _l("%(value)s already belongs to the municipality %(expected)s"),
    MunicipalityFault.WRONG_NAME: _l("the name is missing or too long"),
    MunicipalityFault.UNKNOWN_PROVINCE: _l("“%(value)s” belongs to no province that is known here"),
    MunicipalityFault.WRONG_POPULATION: _l("“%(value)s” is not a number of residents"),
}

HELP_KIND_WORDS: Mapping[HelpServiceKind, LazyString] = {
    HelpServiceKind.EMERGENCY: _l("In danger, now"),
    HelpServiceKind.LISTENING: _l("To talk to someone"),
    HelpServiceKind.ADDICTION: _l("Alcohol, smoking, drugs, gambling"),
    HelpServiceKind.HEALTH: _l("Health and family"),
    HelpServiceKind.VIOLENCE: _l("Violence and stalking"),
}
