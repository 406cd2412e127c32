"""The blueprint that the pages of booking hang on."""

from flask import Blueprint

from prevention.booking import wording

bp = Blueprint("booking", __name__, url_prefix="/booking")
bp.record_once(lambda state: wording.init_app(state.app))
