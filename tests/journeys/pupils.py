"""Pupils of a journey: what each answers, over HTTP and in a browser."""

import re
from collections.abc import Mapping

from bs4 import Tag
from flask import Flask
from playwright.sync_api import Page, expect

from tests.support.http import Client, soup

# In this order of liking: a pupil whom nothing is asked about else does nothing and is honest.
USUAL = (
    "yes",
    "0",
    "never",
    "none",
    "no",
    "fully",
    "female",
    "2010",
    "3",
    "nobody",
    "slight",
    "sometimes",
    "<0.5",
    "1",
)

# Asked about, but not used by these pupils, whatever they are like otherwise.
KNOWS_ITSELF = {"T0": "yes", "Q1": "fully", "Q2": "no"}


def choose(code: str, offered: list[str], likes: Mapping[str, str]) -> str:
    """Choose one of the offered answers to an item."""
    wanted = {**KNOWS_ITSELF, **likes}.get(code)
    if wanted is not None:
        assert wanted in offered, (code, wanted, offered)
        return wanted
    return next((value for value in USUAL if value in offered), offered[0])


def answer_over_http(app: Flask, code: str, likes: Mapping[str, str]) -> Client:
    """Open the form with a code, answer everything, send it; give the pupil's browser."""
    browser = app.test_client()
    assert isinstance(browser, Client)
    form = soup(browser.post("/s/", data={"code": code})).find(id="questionnaire")
    assert isinstance(form, Tag), "the code opens the form"

    response = browser.post("/s/answers", data=filled_in(form, likes))

    assert response.status_code == 200
    return browser


def filled_in(form: Tag, likes: Mapping[str, str]) -> dict[str, str]:
    """Fill a form in: hidden fields as they are, one answer to each item."""
    data = {str(field["name"]): str(field["value"]) for field in form.select("input[type=hidden]")}
    for item in form.select("[data-item]"):
        offered = [
            str(field["value"])
            for field in item.select("input, option")
            if field.get("value") and field["value"] != "declined"
        ]
        data[str(item["data-item"])] = choose(str(item["data-item"]), offered, likes)
    return data


def answer_in_browser(page: Page, likes: Mapping[str, str]) -> list[str]:
    """Answer one question per screen until the last one, and send; give the codes of the items that were shown."""
    shown: list[str] = []
    for _ in range(200):
        if page.locator("[data-sending]").is_visible():
            break
        item = page.locator("[data-item]:visible")
        expect(item).to_have_count(1)
        code = item.get_attribute("data-item") or ""
        shown.append(code)
        _answer_one(page, code, likes)
        expect(page.locator(f"[data-item='{code}']")).to_be_hidden()
    page.locator("[data-send]").click()
    return shown


def _answer_one(page: Page, code: str, likes: Mapping[str, str]) -> None:
    item = page.locator(f"[data-item='{code}']")
    drop_down = item.locator("select")
    if drop_down.count():
        offered = [value for value in drop_down.locator("option").evaluate_all("all => all.map(o => o.value)") if value]
        drop_down.select_option(choose(code, [value for value in offered if value != "declined"], likes))
        page.locator("[data-next]").click()
        return
    fields = item.locator("input")
    offered = [value for value in fields.evaluate_all("all => all.map(i => i.value)") if value != "declined"]
    chosen = choose(code, offered, likes)
    item.locator(f"label:has(input[value='{chosen}'])").click()
    if item.locator("input[type=checkbox]").count():
        page.locator("[data-next]").click()


CODE = re.compile(r"\b[34679CDFGHJKMNPQRTVWXY]{4}-[34679CDFGHJKMNPQRTVWXY]{3}-[34679CDFGHJKMNPQRTVWXY]{4}\b")


def codes_on(paper: str) -> list[str]:
    """Read the codes off the text of a sheet of slips, each once."""
    return list(dict.fromkeys(CODE.findall(paper)))
