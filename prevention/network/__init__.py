"""The network room: who is who in the district.

It owns municipalities (ISTAT and cadastral codes), organisations (education office, municipality, health authority,
hospital trust, third sector) with their agreements, acts of data protection and documents, the steering table with its
decisions, and the help services that pupils and families are pointed to. It does not own schools, people who sign in,
parts in programmes or money (`programmes`).

Choices, with their reason:

* A municipality is found by its *cadastral* code (codice catastale, "Belfiore"), because the ministry's school files
  carry that one and not ISTAT's. Both are kept, ISTAT's being the one that statistics and maps use.
* Help services live in a dated file in this package, not only in the database: telephone numbers change owner, so a
  wrong one is corrected by a reviewed change, and the file says when and where each was last read.
* What the office writes of a help service goes before the file, and so does the day on which its owner confirmed it.
  An owner who reports a change changes no page: somebody of the office reads it first.
* Each organisation sees the agreements, acts, meetings and documents that name it; loaders decide, and what is not
  theirs is not there (404). Documents go through the intake of all files (`core.intake`); a PDF that is signed is kept
  as it came, for its signature. They are only ever saved, never shown.
* A newer version of an act ends the one before on the day before it begins, so that on any day one version holds and
  a survey can name those of its days.
* Whether a free text may say who is meant (`identifying`, `text_check`) is decided here, in the lowest room of the
  domain, so that every room above can ask.
* A number that nobody could verify is not invented. Such a service says where to ask.
* Ways between municipalities are estimated from one point in each (`travel`), shipped as a file with its source: no
  map service learns where facilitators go, and planning works without a network.
"""
