"""The workbench: takes one file apart and writes it anew. Run as a program, never imported by the site.

    python -I workbench MEDIA_TYPE SOURCE_DESCRIPTOR TARGET_DESCRIPTOR

It prints ``{"fault": null}`` or the fault (`rules.Fault`) for which the file is refused. It knows nothing of the site:
it may fall over, run out of memory or be killed without harm. It reads hostile bytes, so it sets its own limits first.
"""
