"""Materials for educators: files with versions, whom they are for, under which licence, and who may read them.

Owns: the library, its metadata and files. Is not: the programmes themselves (`programmes`), nor anything that pupils
answer (`surveys`).

Choices, with their reason:

* What a file is, is told from its content. What is taken is a short list of documents and pictures that open on a
  school's computer and carry no program; everything else is refused with the reason and what to do instead.
* A new version never overwrites the one before: files are kept by their content, rows only point at them.
* What a facilitator hands in becomes public when somebody of the office has looked at it. A published resource is
  changed by the office; its author withdraws it first.
* A file is always handed out as something to save, from an answer that may run nothing, under a name made safe.
* Search is over one folded column (no accents, no capitals), so that both databases answer alike.
* Uploads are read whole before the transaction begins (the guard against forged requests reads the form first), so
  that a slow line never holds SQLite's write lock.
"""
