"""A believable district, made up: schools, classes, programmes, two years of bookings, registers and answers.

It goes through the same verbs as people do (the register is imported, a class is booked, a wave is sealed), so that
what a visitor walks through is what the application does. Nobody and no school of it is real; places and programmes
are, with their sources. The generator is documented in `survey_year` and `surveys.simulation`, and seeded: the same
day gives the same district.

The demo stands in the school year that holds the day sixty days ago, so that in every season some meetings have been
held and some are still to come.
"""
