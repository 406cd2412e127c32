"""Finding a material: words, facets, the index of each database, and the search itself.

Choices, with their reason:

* Text is folded (no accents, no capitals) and stemmed by us (Snowball, Italian and English) before either database sees
  it. SQLite's FTS5 knows no Italian endings and PostgreSQL's `italian` configuration keeps accents unless an extension
  is installed; done here, both databases hold the same words and find the same materials.
* Words of the field that mean the same ("svapo", "sigaretta elettronica", "e-cig") become one word, at indexing and at
  asking alike; so do grades ("seconda media"), kinds ("slide") and lengths ("un'ora"). They are data: `synonyms.toml`.
* Each word of a question is asked on its own and the answers are added up here: FTS5 gives its bm25, PostgreSQL its
  `ts_rank`, which knows no rarity, so it is multiplied by the inverse document frequency. A material stays in the
  answer when it holds at least half of what the question says, counted by rarity.
* Facets of a line are bits of one whole number, so the counts of all facets come from the one array that the search
  brings anyway. Tried: one `GROUP BY` per facet over 20,000 lines took four to eight times as long on both databases.
"""

from prevention.resources.search.finding import Found, Wanted, find, more_like
from prevention.resources.search.index import reindex, write, write_many, written_at_once

__all__ = ["Found", "Wanted", "find", "more_like", "reindex", "write", "write_many", "written_at_once"]
