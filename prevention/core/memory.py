"""What a serving process does with its memory once, before its first request."""

import atexit
import gc


def settle() -> None:
    """Take everything that start-up made out of the garbage collector's rounds.

    The modules and mappers of this application are some 550,000 objects that live as long as the process. Each full
    round of the collector walks over all of them: 240-290 ms of a request's time, measured with `bench.pages` on two
    cores, in every few requests that build many objects. Frozen, they are never walked again, and a round costs what
    the requests themselves made. For a server's process only: a command ends before it would gain.
    """
    gc.collect()
    gc.freeze()
    # At the end all may go again: extension modules would complain of what they could not take leave of.
    atexit.register(gc.unfreeze)
