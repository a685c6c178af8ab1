"""What all tests share."""

from pathlib import Path

import hypothesis
import pytest
import torch
from playwright.sync_api import sync_playwright

from benchmarks import recorded_pairs
from fxchain.errors import AudioError
from tests.browsing import Complaints, chromium, options

hypothesis.settings.register_profile("repeatable", deadline=None, derandomize=True)
hypothesis.settings.load_profile("repeatable")
torch.set_num_threads(2)


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Return the folder of real recordings; a test that wants it is skipped without one."""
    try:
        return recorded_pairs.data_folder()
    except AudioError as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def driver():
    """Return what starts browsers; there can be only one at a time."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(driver):
    """Return Chromium; a test that wants it is skipped where it is not installed."""
    program = chromium()
    if program is None:
        pytest.skip("Chromium is not installed (Debian and Ubuntu: apt-get install chromium)")
    running = driver.chromium.launch(**options(program))
    yield running
    running.close()


@pytest.fixture
def complaints():
    """Return what pages complained of, to be told what is expected."""
    return Complaints()


@pytest.fixture
def page(browser, complaints):
    """Return a page of its own; the test fails when the page complained of anything."""
    context = browser.new_context(accept_downloads=True)
    opened = context.new_page()
    complaints.watch(opened)
    yield opened
    context.close()
    assert complaints.found == []
