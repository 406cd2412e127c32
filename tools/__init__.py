"""What builds, serves and checks the project. Never imported by the application."""
