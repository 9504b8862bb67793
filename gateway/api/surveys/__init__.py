"""REST of the surveys service: one function per operationId of openapi/surveys.yaml and its parts."""

from gateway.api.surveys.analysis import *  # noqa: F403
from gateway.api.surveys.board import *  # noqa: F403
from gateway.api.surveys.coding import *  # noqa: F403
from gateway.api.surveys.collecting import *  # noqa: F403
from gateway.api.surveys.core import *  # noqa: F403
from gateway.api.surveys.instruments import *  # noqa: F403
from gateway.api.surveys.panels import *  # noqa: F403
from gateway.api.surveys.proof import *  # noqa: F403
