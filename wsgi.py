"""What gunicorn and the flask command start: `gunicorn wsgi:app`, `flask --app wsgi …`."""

from config import Config
from platssamverkan import create_app

app = create_app(Config())
