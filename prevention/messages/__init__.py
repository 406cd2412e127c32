"""The outbox: a mail is a row written in your transaction, sent later by a job.

So nothing is sent for a change that was rolled back, and nothing promised is lost when the mail server is down. A
message has a key chosen by its writer; the same key twice is one message. Owns delivery and its trouble; not the
wording, which belongs to the room that writes.
"""
