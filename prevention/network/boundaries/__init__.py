"""The boundaries of municipalities: read from a GeoJSON file, made simple enough to print, and drawn as a map.

Boundaries do not come with the program: they are public data that an office loads once (`flask network
import-boundaries FILE`, or its page), with their source and licence, which stand under every map.

Choices, with their reason and what was measured on the 113 municipalities of Cremona (7,152 points):

* Simplified as one coverage by shapely (`coverage_simplify`, GEOS 3.12 or newer), so that two neighbours keep one
  border: 3,000 points in 5 ms. Each polygon on its own leaves gaps and overlaps of 1.2 % of the land. The package
  topojson keeps borders too, in 64 ms, with a second format in between.
* Simplified when a file is taken in, not when a map is drawn: a page and a paper draw from text that is ready.
* The map of a year is part of that year's figures (`Territory`, whole numbers), so that an old report can be printed
  again, byte for byte, after a municipality merged or another file was loaded.
* The picture is our own SVG: Vega knows no hatching, and what is not known must not be a colour among colours.
"""
