"""The room's blueprint."""

from flask import Blueprint

bp = Blueprint("reports", __name__, url_prefix="/samverkan/<slug>/rapporter")
#: Year and period in an address.
PERIOD = "<int:year>/<any(t1, t2, vb):period>"
