"""What really happened: the register of each meeting, and who was reached or never was.

Owns: for every booked meeting whether it was held, moved or not held and why, for how many minutes, before how many
pupils, and how much of each activity was done; from these the dose, the fidelity and the coverage of a school year.
Is not: the plan (`booking`), nor what pupils answered (`surveys`). No pupil is ever named; there are only counts.

Choices, with their reason:

* One register per booked meeting. A correction changes it and leaves a line in the audit trail, so that a figure
  never has two sources.
* The phone makes an id for what it sends (`register_submission`). The same register sent twice arrives once, also
  when it waited without a connection and was corrected from elsewhere in the meantime.
* A correction says which revision it corrects. Two people who describe the same meeting without knowing of each
  other do not overwrite each other: the second is shown what the first wrote.
* The reason why a meeting was not held, and who led it, are choices: they can be tapped on a phone, counted over
  the year, and cannot hold a name.
* Unknown stays unknown. A meeting without a register counts as missing, not as not held; a school whose pupils the
  ministry publishes as "<=3" has no denominator, not a zero.
* Without a connection a service worker shows the pages that were kept, and the page's own store keeps what is filled
  in. Every register goes through that store first, also with a connection: one that breaks between pressing the
  button and the answer loses nothing, and the id makes that it arrives once. A library for queues (Workbox) would do
  the retries, but not say what became of a register that somebody else filled in meanwhile.
* A school of "<=3" pupils has one to three of them: its hours per pupil are an interval.
* Coverage is counted in Python from seven narrow queries: 18,000 meetings take 0.6 s (SQLite, one core). The same sums
  in SQL would be harder to check by hand.
* A missing register is asked for at three stages; each is claimed by a row before the mail is written, and who owes
  several gets one mail. Meetings older than sixty days are listed, not chased.
* What breaks off is worked out from bookings and registers each time, never stored: a board that must be kept would be
  wrong when it matters.
* A generation is followed through its classes alone (`generations`). Of classes that became one, what only some had is
  called a part.
* Who leads a meeting does not observe it: facilitators neither see nor fill in what teachers saw.
* A teacher who got a link needs no account: it is signed, says one meeting and its sender, and is spent with the first
  answer. Nothing of it is stored, so there is no list of teachers' addresses to keep safe.
"""
