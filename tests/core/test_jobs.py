"""One process leads the jobs; a bug in one job does not stop the others."""

import threading
import time

from flask import Flask

from prevention.jobs import Job, leadership, turn


def test_one_of_two_processes_leads_and_the_other_takes_over(live_app: Flask) -> None:
    stop, seen = threading.Event(), []

    def wait_to_lead() -> None:
        with live_app.app_context(), leadership(stop):
            seen.append("second leads")

    with live_app.app_context(), leadership(threading.Event()) as still_leads:
        second = threading.Thread(target=wait_to_lead)
        second.start()
        time.sleep(0.3)
        assert still_leads()
        assert [] == seen
    second.join(timeout=600)

    assert ["second leads"] == seen


def test_a_process_told_to_stop_while_it_waits_stops(live_app: Flask) -> None:
    stop = threading.Event()

    def wait_to_lead() -> None:
        with live_app.app_context(), leadership(stop):
            pass

    with live_app.app_context(), leadership(threading.Event()):
        second = threading.Thread(target=wait_to_lead)
        second.start()
        stop.set()
        second.join(timeout=600)

        assert not second.is_alive()


def test_a_job_works_until_nothing_is_left(app: Flask) -> None:
    pieces = [1, 2, 3]

    def task() -> bool:
        return bool(pieces and pieces.pop())

    assert 3 == turn(app, Job(name="eat", every_s=1, task=task))


def test_a_bug_in_a_job_is_logged_and_survived(app: Flask) -> None:
    def task() -> bool:
        raise ZeroDivisionError

    assert 0 == turn(app, Job(name="broken", every_s=1, task=task))
