"""What the papers say under the heading of each group of indicators. The headings themselves are the catalogue's."""

from flask_babel import LazyString, lazy_gettext

LEADS: dict[str, LazyString] = {
    "tobacco": lazy_gettext("Smoking and vaping, ever and in the 30 days before the survey."),
    "alcohol": lazy_gettext("Drinking, drinking a lot on one occasion, and drunkenness."),
    "cannabis": lazy_gettext("Cannabis use, ever and recently."),
    "other_substances": lazy_gettext("Other illegal drugs, inhalants, and medicines taken without a prescription."),
    "early": lazy_gettext("Pupils whose first time came at 13 or before, out of all pupils who answered."),
    "gambling": lazy_gettext("Gambling for money, and signs that it has become a problem."),
    "screens": lazy_gettext("Gaming and social media, and whether pupils themselves see a problem."),
    "perceptions": lazy_gettext("How risky pupils think substances are, and how easy to get."),
    "norms": lazy_gettext(
        "How far pupils overestimate what others of their age do, in points: zero would be a right guess."
    ),
    "protective": lazy_gettext("What protects: an adult to talk to, family, school, free time, being able to say no."),
    "wellbeing": lazy_gettext("How pupils felt in the two weeks before the survey."),
    "prevention": lazy_gettext("Whether pupils remember taking part in prevention at school."),
}  # fmt: skip
