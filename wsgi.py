"""What gunicorn and the flask command start: `gunicorn wsgi:app`, `flask --app wsgi …`."""

import sys

from config import Config
from platssamverkan import create_app
from platssamverkan.core import schema

#: What gunicorn takes for a worker that can never start. After any other status it starts the worker anew, for ever.
CANNOT_START = 3

try:
    app = create_app(Config())
    schema.refuse_old(app)
except SystemExit as refused:
    print(refused, file=sys.stderr)
    sys.exit(CANNOT_START)
