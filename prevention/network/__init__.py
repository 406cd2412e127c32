"""The network room: who is who in the district.

It owns municipalities (ISTAT and cadastral codes), organisations (education office, municipality, health authority,
hospital trust, third sector) and the help services that pupils and families are pointed to. It does not own schools,
people who sign in, or money.

Choices, with their reason:

* A municipality is found by its *cadastral* code (codice catastale, "Belfiore"), because the ministry's school files
  carry that one and not ISTAT's. Both are kept, ISTAT's being the one that statistics and maps use.
* Help services live in a dated file in this package, not only in the database: telephone numbers change owner, so a
  wrong one is corrected by a reviewed change, and the file says when and where each was last read.
* A number that nobody could verify is not invented. Such a service says where to ask.
* Ways between municipalities are estimated from one point in each (`travel`), shipped as a file with its source: no
  map service learns where facilitators go, and planning works without a network.
"""
