"""The blueprint that the pages of booking hang on."""

from flask import Blueprint

from prevention.booking import service, wording
from prevention.programmes.signals import places_asked

bp = Blueprint("booking", __name__, url_prefix="/booking")
bp.record_once(lambda state: wording.init_app(state.app))

# The catalogue below asks how many places are free.
places_asked.connect(service.free_places)
