"""The blueprint of the network's pages."""

from flask import Blueprint

bp = Blueprint("network", __name__)
