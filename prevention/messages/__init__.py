"""The outbox: a mail is a row written in your transaction, sent later by a job.

So nothing is sent for a change that was rolled back, and nothing promised is lost when the mail server is down. A
message has a key chosen by its writer; the same key twice is one message. Owns delivery and its trouble, and the
texts that the office can change; which letters there are, and what stands in their places, the room that writes them
declares (`kinds`).

Texts hold plain placeholders, not a template language: the office edits them, so a text can be wrong only in ways
that are named with their line and column (`rules.check_text`), and can read nothing but what its letter offers.
"""
