"""What surveys ask of the rooms above, without importing them; `create_app` connects the answers."""

from collections.abc import Iterable

from blinker import Signal

from prevention.surveys.models import WaveClass
from prevention.surveys.service.code_sheets import USUAL_PUPILS

# Sent with `pupils`, a list of how many pupils each class has, and `is_pair`. A receiver returns sentences.
foresight_asked = Signal()


def ask_foresight(classes: Iterable[WaveClass], *, is_pair: bool) -> tuple[str, ...]:
    """Collect sentences on what a survey of these classes can tell; none when nobody speaks for it."""
    pupils = [one.school_class.pupils or USUAL_PUPILS for one in classes]
    said: list[str] = []
    for _receiver, answer in foresight_asked.send(None, pupils=pupils, is_pair=is_pair):
        if isinstance(answer, tuple):
            said.extend(answer)
    return tuple(said)
