"""Payloads of the courses service's calls."""

from services.courses.schemas.cohorts import *  # noqa: F403
from services.courses.schemas.core import *  # noqa: F403
from services.courses.schemas.parts import *  # noqa: F403
