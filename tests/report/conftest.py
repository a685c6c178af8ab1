"""What the tests of the report share."""

import pytest

from fxchain.report.page import render_report
from tests.report.cases import found_without_search


@pytest.fixture(scope="session")
def found():
    """Return a match of a known chain."""
    return found_without_search()


@pytest.fixture(scope="session")
def html(found):
    """Return its report."""
    return render_report(found.content())
