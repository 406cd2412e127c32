"""The verbs of surveys, by matter: questionnaires, waves, codes, the ballot box, sealing, made-up answers."""

from prevention.surveys.service.ballot_box import (
    Cast,
    Entry,
    cast_ballot,
    enter,
    mix,
    next_wave_to_mix,
    questionnaire_of,
)
from prevention.surveys.service.code_sheets import make_codes, wave_class_for
from prevention.surveys.service.made_up import put_simulated
from prevention.surveys.service.questionnaires import (
    newest_questionnaires,
    publish,
    publish_shipped,
    published_questionnaire,
)
from prevention.surveys.service.reports import record_class_report
from prevention.surveys.service.sealing import SurveyRecords, SurveyRow, erase_raw, records_for_sealing
from prevention.surveys.service.waves import (
    ClassState,
    NewWave,
    bookable_classes,
    class_states,
    close_wave,
    create_wave,
    next_closed_wave,
    open_wave,
    wave_for,
    waves_for,
)

__all__ = [
    "Cast",
    "ClassState",
    "Entry",
    "NewWave",
    "SurveyRecords",
    "SurveyRow",
    "bookable_classes",
    "cast_ballot",
    "class_states",
    "close_wave",
    "create_wave",
    "enter",
    "erase_raw",
    "make_codes",
    "mix",
    "newest_questionnaires",
    "next_closed_wave",
    "next_wave_to_mix",
    "open_wave",
    "publish",
    "publish_shipped",
    "published_questionnaire",
    "put_simulated",
    "questionnaire_of",
    "record_class_report",
    "records_for_sealing",
    "wave_class_for",
    "wave_for",
    "waves_for",
]
