"""Files of patches are told by what they say of themselves."""

import json

import pytest

from fxchain.errors import PresetError
from fxchain.synth.patch_kinds import KINDS, is_patch, kind_of, load_patch


@pytest.mark.parametrize("file_format", KINDS)
def test_each_format_is_that_of_its_class(file_format):
    stated = kind_of(file_format).FORMAT
    assert stated == file_format


def test_what_is_no_patch_is_refused_by_name(tmp_path):
    file = tmp_path / "patch.json"
    file.write_text(json.dumps({"format": ["fxchain-patch"]}))
    assert not is_patch(file)
    with pytest.raises(PresetError, match=r"patch\.json"):
        load_patch(file)
