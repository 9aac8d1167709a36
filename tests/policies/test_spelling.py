"""What is said of a name or an id that is spelt as none may be."""

from __future__ import annotations

import json
import re

import pytest
from pydantic import BaseModel

from policies.rules import PolicyFile
from policies.settings_file import BundleFile
from policies.spelling import SPELLINGS
from policies.workflow import Workflow


@pytest.mark.parametrize("model", [BundleFile, PolicyFile, Workflow])
def test_every_spelling_that_is_asked_for_is_said_in_words(model: type[BaseModel]) -> None:
    schema = json.dumps(model.model_json_schema())
    patterns = {
        json.loads(found) for found in re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', schema)
    }
    assert patterns
    assert patterns <= set(SPELLINGS)


@pytest.mark.parametrize(("pattern", "said"), SPELLINGS.items())
def test_the_example_that_is_given_is_spelt_so(pattern: str, said: str) -> None:
    example = said.rpartition(" as ")[2].partition(" or ")[0].partition(",")[0].strip('"')
    assert re.fullmatch(pattern, example), example
