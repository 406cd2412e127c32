"""Open data: the published figures of the whole district, for machines.

Owns the formats: CSV, JSON and the DCAT-AP_IT description. Is not a second gate: it reads the ledger of
`indicators`, where every table has already passed disclosure control, and nothing else.
"""
