"""REST of the courses service: one function per operationId of openapi/courses.yaml and its parts."""

from gateway.api.courses.blocks import *  # noqa: F403
from gateway.api.courses.certificates import *  # noqa: F403
from gateway.api.courses.cohorts import *  # noqa: F403
from gateway.api.courses.core import *  # noqa: F403
from gateway.api.courses.editions import *  # noqa: F403
from gateway.api.courses.h5p_editor import *  # noqa: F403
from gateway.api.courses.h5p_library import *  # noqa: F403
from gateway.api.courses.h5p_play import *  # noqa: F403
from gateway.api.courses.olx import *  # noqa: F403
from gateway.api.courses.quiz import *  # noqa: F403
from gateway.api.courses.reports import *  # noqa: F403
from gateway.api.courses.scorm import *  # noqa: F403
from gateway.api.courses.xapi import *  # noqa: F403
