"""The blueprint of the surveys room for staff; the modules beside this one hang their pages on it."""

from flask import Blueprint

from prevention.surveys import wording

bp = Blueprint("surveys", __name__, url_prefix="/surveys")
bp.record_once(lambda state: wording.init_app(state.app))
