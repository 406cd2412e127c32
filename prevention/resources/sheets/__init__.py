"""Many materials at once, from a spreadsheet: reading it, checking every row, and a template to fill in.

Choices, with their reason:

* A row is checked by the same form as a material that is typed in, so both follow the same rules in the same words.
* Columns and values are known by their code (as in `catalogue.csv`) and by their words in any language of the site: who
  fills a template in need not know the codes.
* All rows or none. Every fault of every row is shown at once; a file with a fault is not kept.
* A material is known again by its title and link, among what is published and what the person wrote: the same file a
  second time adds nothing, and nobody learns what drafts others have.
* A meeting is named within its programme, by its number or its title; a table has room for one meeting per material.
* Files do not come in this way, so each row needs a link; a file is added on the material's page.
* XLSX goes through the workbench of `intake` first, as every file does, and only then to its reader. A formula is
  refused: what it showed depends on the program that last saved the file.
"""

from prevention.resources.sheets.checking import Line, check
from prevention.resources.sheets.reading import read_sheet
from prevention.resources.sheets.template import template

__all__ = ["Line", "check", "read_sheet", "template"]
