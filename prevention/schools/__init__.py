"""The schools room: the register of institutes and sites, pupils enrolled, and the classes of each year.

It owns what a school *is*: its ministry code, level, track, place, how many pupils it has, which classes. It does not
own people (accounts), bookings, or what happened in a class (delivery).

Choices, with their reason:

* The register is the ministry's open data, read as published, and keyed by the ministry's code. Every row of a file
  becomes a `Site`; the rows that others name as their reference are also an `Institute`. The head office of an
  institute of several sites (IC, IS) is thus a site of level *istituto*: it has an address but no pupils of its own.
* A file is checked from its first to its last row, rows of other provinces included, before anything is written. A
  file damaged in row 40,000 is not a file to take row 12 from.
* The level says who is taught, not only what is taught: evening courses (*percorso di II livello*), prison sections
  and adult-education centres are of level *adulti*, whatever type they carry, because they would otherwise count as
  schools of adolescents that prevention never reached.
* An unknown type of school refuses the file. The level decides who counts in the district's coverage, and a guess
  there would be a silent error; types are recognised by family ("LICEO ...", "IST PROF ..."), so that a new course of
  a known family passes.
* School time is one value (`SchoolTime`): the year, closures and bell times of a site, read for any number of sites in
  five statements. Rules ask it; nobody asks the rows. A year that the office has not loaded is the one of law and
  region, a site that entered no bell times has the usual ones: "no date on a closed day" then never depends on
  whether somebody has typed something in.
* A meeting need not begin with a bell, only lie between the first and the last one without a meal in between:
  programmes of sixty minutes would otherwise fit into no school whose hours have fifty-five.
* A year that was loaded belongs to the office. Loading it again does nothing, or what was taken out would come back.
* The patron day is that of the provincial capital and closes its schools alone; other towns' days are entered by the
  office, for their municipality.
* Nothing of the register is ever deleted. What the ministry no longer lists keeps its row and history, with the last
  school year in which it was seen.
* Enrolments are kept by code, with the site linked when the register knows it: schools that were dissolved before the
  first import still count in the year in which they had pupils.
* Codes that ended are matched with those that follow by name, address and place (rapidfuzz) where an earlier register
  was taken in, else institute by institute from the pupils published under them. The office decides, once for each
  code; nothing is rewritten but the site that pupils count for, so a decision can be taken back.
* Which class goes on as which is a row for each pair (`ClassLineage`), because a generation mark alone cannot say that
  two classes became one. The mark stays for quick questions: a split passes it on, a merger takes the larger class's.
* Carrying classes over proposes from the rows each time instead of keeping drafts: what is proposed is never stale, and
  a second run finds nothing because the rows are there.
"""
