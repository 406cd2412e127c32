"""The verbs of early signals."""

from prevention.early_signals.service.alerts import (
    alert_for,
    alerts_for,
    close_alert,
    open_alerts_for,
    write_note,
)
from prevention.early_signals.service.detecting import raise_alerts
from prevention.early_signals.service.groups import Group, groups
from prevention.early_signals.service.signalling import (
    SignalPlan,
    accept,
    count_waiting,
    forget_old_words,
    refuse,
    signal,
    signal_for,
    signals_for,
    withdraw,
)
from prevention.early_signals.service.surveys import raise_survey_alerts

__all__ = [
    "Group",
    "SignalPlan",
    "accept",
    "alert_for",
    "alerts_for",
    "close_alert",
    "count_waiting",
    "forget_old_words",
    "groups",
    "open_alerts_for",
    "raise_alerts",
    "raise_survey_alerts",
    "refuse",
    "signal",
    "signal_for",
    "signals_for",
    "withdraw",
    "write_note",
]
