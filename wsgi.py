"""The application object for the server: ``granian --interface wsgi wsgi:app``."""

from prevention import create_app

app = create_app()
