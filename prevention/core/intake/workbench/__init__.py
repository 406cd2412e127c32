"""The workbench: takes one file apart and writes it anew. Run as a program, never imported by the site.

    python -I workbench MEDIA_TYPE SOURCE_DESCRIPTOR TARGET_DESCRIPTOR

It prints what it found as JSON: ``fault`` is None, the fault (`kinds.Fault`) for which the file is refused, or
"no_room" when the disk was full; ``is_signed`` says whether an electronic signature covers the whole of a PDF, and
``is_changed`` whether anything that acts by itself was taken out. It knows nothing of the site:
it may fall over, run out of memory or be killed without harm. It reads hostile bytes, so it sets its own limits first.
"""
