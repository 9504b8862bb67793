"""REST of the surveys service: one function per operationId of openapi/surveys.yaml and its parts."""

from gateway.api.surveys.core import *  # noqa: F403
