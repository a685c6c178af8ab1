"""What all tests share."""

from pathlib import Path

import hypothesis
import pytest
import torch

from fxchain.data import pairs
from fxchain.errors import AudioError

hypothesis.settings.register_profile("repeatable", deadline=None, derandomize=True)
hypothesis.settings.load_profile("repeatable")
torch.set_num_threads(2)


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Return the folder of real recordings; a test that wants it is skipped without one."""
    try:
        return pairs.data_folder()
    except AudioError as reason:
        pytest.skip(str(reason))
