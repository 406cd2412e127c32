"""The blueprints that the pages of booking, and of its calendar, hang on."""

from flask import Blueprint

from prevention.booking import wording

bp = Blueprint("booking", __name__, url_prefix="/booking")
bp.record_once(lambda state: wording.init_app(state.app))
calendar_bp = Blueprint("calendar", __name__, url_prefix="/calendar")
