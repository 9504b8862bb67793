"""After a course two questions come at once: where one stands on the need, and what the course was worth.

Whoever has answered one is offered the other, where it is open. Nothing ties the two answers together.
"""

from __future__ import annotations

from gateway.context import call
from shared.errors import CercleError

WAVE_OF = {"end": "after", "30": "30-days", "90": "90-days"}
MOMENT_OF = {wave: moment for moment, wave in WAVE_OF.items()}


def evaluation_beside(need_id: str, wave: str) -> str | None:
    """Address of the open evaluation of the need's course."""
    moment = MOMENT_OF.get(wave)
    if moment is None:
        return None
    try:
        course = call("surveys", "get_loop", {"need_id": need_id})["course"]
        if course is None:
            return None
        found = call("courses", "get_evaluation", {"course_id": course["id"], "moment": moment})
    except CercleError:
        return None  # an offer; the answer that was given must not depend on it
    is_open = found["open"] and not found["answered"]
    return f"/courses/{course['id']}/evaluation/{moment}" if is_open else None


def question_beside(course_id: str, moment: str) -> str | None:
    """Address of the open question on the course's need."""
    wave = WAVE_OF.get(moment)
    try:
        need = call("surveys", "need_of_course", {"course_id": course_id})["need"]
        asked = call("surveys", "get_follow_up", {"need_id": need["id"], "wave": wave})
    except CercleError:
        return None
    return f"/needs/{need['id']}/follow-up/{wave}" if asked["state"] == "open" else None
