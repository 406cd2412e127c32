"""The verbs of surveys, by matter: questionnaires, waves, codes, the ballot box, sealing, made-up answers."""

from prevention.surveys.models import Wave, WaveClass
from prevention.surveys.service.ballot_box import (
    Cast,
    Entry,
    cast_ballot,
    count_wrong_try,
    enter,
    mix,
    next_wave_to_mix,
    questionnaire_of,
)
from prevention.surveys.service.code_sheets import make_codes, usual_number, wave_class_for
from prevention.surveys.service.made_up import put_simulated
from prevention.surveys.service.questionnaires import (
    chosen_questionnaire,
    offered_questionnaires,
    publish,
    publish_shipped,
    published_questionnaire,
)
from prevention.surveys.service.reports import record_class_report
from prevention.surveys.service.sealing import SurveyRecords, SurveyRow, erase_raw, records_for_sealing
from prevention.surveys.service.waves import (
    ClassState,
    bookable_classes,
    booked_class_ids,
    class_states,
    close_wave,
    create_wave,
    next_closed_wave,
    open_wave,
    running_waves_for,
    wave_for,
    waves_for,
)
from prevention.surveys.wave_rules import NewWave

__all__ = [
    "Cast",
    "ClassState",
    "Entry",
    "NewWave",
    "SurveyRecords",
    "SurveyRow",
    "Wave",
    "WaveClass",
    "bookable_classes",
    "booked_class_ids",
    "cast_ballot",
    "chosen_questionnaire",
    "class_states",
    "close_wave",
    "count_wrong_try",
    "create_wave",
    "enter",
    "erase_raw",
    "make_codes",
    "mix",
    "next_closed_wave",
    "next_wave_to_mix",
    "offered_questionnaires",
    "open_wave",
    "publish",
    "publish_shipped",
    "published_questionnaire",
    "put_simulated",
    "questionnaire_of",
    "record_class_report",
    "records_for_sealing",
    "running_waves_for",
    "usual_number",
    "wave_class_for",
    "wave_for",
    "waves_for",
]
