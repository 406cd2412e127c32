"""Questionnaires in and out: XLSForm (Kobo, ODK), LimeSurvey (.lss), and translation files (XLIFF, CSV).

A file is taken in whole or not at all: what cannot be read is refused with its sheet, row and reason (`Refused`). What
can be read and has no place here (free text, files, positions, calculations, times of filling in) is left out, and the
report says so line by line. Nothing is paraphrased on the way: texts stay as they are, but for their markup.

Reading gives a definition as `questionnaire.py` describes it; a definition may still have faults (a language missing,
an item nobody can reach), which the editor shows. It does not touch the database.
"""
