"""The ground: database, clock, access, web, forms, mail, PDF, files, audit.

Admission test for a line: would it make sense in an application about bicycles? A test greps this package for
words of our domain.

Choices, with their reason:

* One transaction per request, committed in one place (`web.commit_after_request`). On SQLite a writing request
  opens with ``BEGIN IMMEDIATE``: with a plain ``BEGIN`` two writers that both read first cannot both upgrade their
  lock, and one is lost to "database is locked".
* Security headers are a small after-request of ours: the usual extension has had no release since 2023.
"""
