"""The application object for the server: ``granian --interface wsgi wsgi:app``."""

from prevention import create_app
from prevention.core.memory import settle

app = create_app()
settle()
