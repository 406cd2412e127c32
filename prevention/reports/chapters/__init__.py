"""The longer chapters of the report: their frozen values, how they are read, and what each of them says.

`values` are kept with the figures of a year, `reading` collects them from the rooms below, and every other file turns
them into the words, rows and charts of one chapter. What is missing is said in words in its place.
"""
