"""Materials for educators: files with versions, whom they are for, under which licence, and who may read them.

Owns: the library, its metadata and files. Is not: the programmes themselves (`programmes`), nor anything that pupils
answer (`surveys`).

Choices, with their reason:

* What a file is, is told from its content. What is taken is a short list of documents and pictures that open on a
  school's computer; everything else is refused with the reason and what to do instead. How: see `core.intake`.
* A new version never overwrites the one before: files are kept by their content, rows only point at them.
* Everybody who signs in may propose a material. A second person (office or facilitator, never who wrote or changed it
  last) approves it, the office publishes it with a day of the next review. From the day after, it is outdated: marked,
  and left out of what is found unless asked for. There is no role "editor": the office of a district are its editors.
* A new version of a published file waits for a second person too; readers keep getting the one before.
* A file is always handed out as something to save, from an answer that may run nothing, under a name made safe.
* Search and its index: see `search`. Where recall@5 stands over the fixed 60 questions and the 12 held out: 0.78 and
  0.75 before any tuning (SQLite), 0.97 and 0.92 after the first. Of twenty questions written after that it found 0.75.
  What those and the held out missed led to twice as many synonyms, with which it finds 0.99, 1.00 and 1.00 on both
  databases: none of the three is fresh any more. Of thirty written after the synonyms, by the same hand that knew the
  catalogue, and never tuned on, it finds 0.97 on both: for words that nobody thought of expect less.
* Large files come in pieces by tus 1.0.0 (`views.uploads`): plain HTTP, finished, with clients that are kept; what the
  IETF makes of it is a draft still. Pieces are kept like files, so they work in a folder and in a bucket; the row that
  counts them moves by a conditional UPDATE, so of two windows one wins. When the form names the file, it goes through
  the same intake as one that came in the form.
* Uploads are read whole before the transaction begins (the guard against forged requests reads the form first), so
  that a slow line never holds SQLite's write lock.
"""
