"""The blueprint of the schools room; the modules beside this one hang their pages on it."""

from flask import Blueprint

from prevention.schools import time_wording, wording

bp = Blueprint("schools", __name__, url_prefix="/schools")
bp.record_once(lambda state: wording.init_app(state.app))
bp.record_once(lambda state: time_wording.init_app(state.app))
