"""REST of the courses service: one function per operationId of openapi/courses.yaml and its parts."""

from gateway.api.courses.core import *  # noqa: F403
