"""Tests of what builds, serves and checks the project."""
