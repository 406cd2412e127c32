"""The words of agreements, acts of data protection, organisations and the steering table."""

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from prevention.core.intake import wording as intake_wording
from prevention.core.intake.kinds import IntakeRefusal
from prevention.core.web import day
from prevention.network import governance_rules as rules
from prevention.network.governance_rules import ActKind, AgreementKind, GovernanceRefusal, Standing
from prevention.network.rules import HelpServiceScope, OrganisationKind

ORGANISATION_KINDS: Mapping[OrganisationKind, LazyString] = {
    OrganisationKind.EDUCATION_OFFICE: _l("School office of the province"),
    OrganisationKind.MUNICIPALITY: _l("Municipality"),
    OrganisationKind.HEALTH_AUTHORITY: _l("Health authority"),
    OrganisationKind.HOSPITAL_TRUST: _l("Hospital trust"),
    OrganisationKind.THIRD_SECTOR: _l("Third sector"),
    OrganisationKind.OTHER: _l("Other"),
}
AGREEMENT_KINDS: Mapping[AgreementKind, LazyString] = {
    AgreementKind.PROTOCOL: _l("Protocol of understanding"),
    AgreementKind.CONVENTION: _l("Convention"),
    AgreementKind.NETWORK: _l("Network agreement"),
    AgreementKind.OTHER: _l("Other"),
}
ACT_KINDS: Mapping[ActKind, LazyString] = {
    ActKind.JOINT_CONTROLLERS: _l("Joint controllers (GDPR art. 26)"),
    ActKind.PROCESSOR: _l("Processor (GDPR art. 28)"),
    ActKind.IMPACT_ASSESSMENT: _l("Impact assessment (GDPR art. 35)"),
    ActKind.INFORMATION: _l("Information for families and pupils (GDPR art. 13)"),
    ActKind.RECORDS: _l("Records of processing (GDPR art. 30)"),
}
STANDINGS: Mapping[Standing, LazyString] = {
    Standing.AHEAD: _l("Not yet in force"),
    Standing.IN_FORCE: _l("In force"),
    Standing.ENDING: _l("Ends soon"),
    Standing.ENDED: _l("Ended"),
}
STANDING_TONES: Mapping[Standing, str] = {
    Standing.AHEAD: "info",
    Standing.IN_FORCE: "success",
    Standing.ENDING: "warning",
    Standing.ENDED: "neutral",
}
SCOPES: Mapping[HelpServiceScope, LazyString] = {
    HelpServiceScope.NATIONAL: _l("The whole country"),
    HelpServiceScope.LOCAL: _l("The district"),
}


def refusal_words(refusal: GovernanceRefusal | IntakeRefusal) -> str:
    """Say why the rules said no."""
    match refusal:
        case rules.VersionExists(version=version):
            return _("There is already a version %(version)s.", version=version)
        case rules.NotAfterTheLast(version=version, starts_on=starts_on):
            return _(
                "The newest version is %(version)s, in force from %(day)s: a newer one has a higher number and begins "
                "later.",
                version=version,
                day=day(starts_on),
            )
        case IntakeRefusal():
            return intake_wording.refusal_words(refusal)
        case _:
            return str(_SENTENCES[type(refusal)])


_SENTENCES: Mapping[type[GovernanceRefusal], LazyString] = {
    rules.DaysReversed: _l("The last day comes before the first."),
    rules.PartnerMissing: _l("Name the other party: it is an act between two."),
    rules.WrongDocument: _l("Hand in a PDF, or a text or sheet of an office program."),
    rules.AlreadyDone: _l("This decision was marked as done before."),
    rules.NameTaken: _l("Another organisation has this name, or stands for this municipality."),
}
