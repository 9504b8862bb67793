"""Payloads of the surveys service. Halves of a draft's texts may be empty; launching asks for all of them."""

from services.surveys.schemas.core import *  # noqa: F403
from services.surveys.schemas.instruments import *  # noqa: F403
