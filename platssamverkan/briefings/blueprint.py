"""The room's blueprint, shared by its modules of pages."""

from flask import Blueprint

bp = Blueprint("briefings", __name__, url_prefix="/samverkan/<slug>/utstallningar")
