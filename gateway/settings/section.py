"""What all sections of the settings have in common: their form, and kinds of values.

Kept out: the sections themselves.
"""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?", re.ASCII)


def _number(value: object) -> object:
    """The number that a text is: a variable of the environment has no other way to say one."""
    if isinstance(value, str) and _NUMBER.fullmatch(value) is not None:
        return float(value)
    return value


Seconds = Annotated[timedelta, Field(gt=timedelta(0)), BeforeValidator(_number)]
"""A duration: a number of seconds (``30``, ``0.5``) or ISO 8601 (``"PT30S"``); above zero."""

Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
"""A name within the configuration: letters, digits, ``.``, ``_`` and ``-``."""

Identifier = Annotated[str, Field(max_length=120, pattern=r"^[a-z][a-z0-9]{1,15}:[A-Za-z0-9._-]+$")]
"""A party's identifier with its scheme, ``ags:09162000``, ``dbs:060030010000``."""

OperationKey = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*/[a-z][a-z0-9-]*/v[1-9][0-9]*$")]
"""Name and version of an operation, ``residents/search/v1``."""

Text = Annotated[str, Field(min_length=1, max_length=250)]


class Section(BaseModel):
    """What all sections have in common: they cannot be changed and know no strangers."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, hide_input_in_errors=True
    )
