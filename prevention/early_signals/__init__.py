"""The early-signals room: what schools notice before any survey can, and the alerts that follow.

Schools, as institutions, signal an emerging matter (kind, place, week, a few words that name nobody). The district
moderates. What the network then sees are groups of several schools, and alerts: a rise that chance does not explain,
or a published figure that moved the wrong way from one survey to the next. Owns signals, alerts and the mails about
them. It is not the place for what happened to a person: that goes to the services, by telephone.

Choices, with their reason:

* A room of its own, above `indicators`: it needs schools and people (which `network` cannot know) and published tables
  (which nothing below `indicators` can). Of surveys it reads what was published, never an answer.
* The words of a signal are read by the district's moderator and by the school that wrote them; nobody else, ever. The
  check for names (`network.identifying`) runs before anything is saved, again on what the moderator leaves standing,
  and on the note with which the district answers an alert. The words are erased when the signal is refused, and after
  `rules.KEPT_DAYS`; kind, place and week stay, because next year's baseline needs them.
* Counted are schools and not signals: one school that writes five times is one school. Nothing is shown or told of
  fewer than `rules.SCHOOLS_LEAST`; months that are over only, in steps (3 to 5 schools), without sums: so that neither
  a margin nor yesterday's page gives a school away.
* How a rise is told from chance, with its sources and its false-alarm rate, is in `detection`.
* From survey to survey: "knows a help service" falling, or an early first use rising, between the newest published
  survey and that of an earlier school year with the same wording. The interval of the difference is made from the two
  published intervals as if the surveys were independent, at 99 %: of 18 comparisons a year one false alarm in eleven
  years. Schools that took part in both make it rarer still.
"""
