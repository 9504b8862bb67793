"""Who gets what from every operation: expected statuses by target, in the order of `ROLES`.

    visitor, learner, other learner, trainer, other trainer, coordinator, admin

Targets are methods of World. The learner owns posts, notifications, sessions and an enrolment; the trainer owns courses
and uploads; the coordinator made surveys, proposals and an invitation. 404 hides, 403 refuses what may be seen.
"""

from __future__ import annotations

from tests.unit.access.world import PARTS

NOBODY = "401 404 404 404 404 404 404"
"""Hidden from everybody, or unknown."""
MEMBERS = "401 200 200 200 200 200 200"
"""Everybody signed in."""
AUTHOR_OF_DRAFT = "401 404 404 200 403 403 200"
"""A draft course: its author and admins; other staff see it and are refused."""
AUTHORS_OF_DRAFT = "401 404 404 200 200 403 200"
"""A draft course with a co-author, the other trainer."""
AUTHOR = "401 403 403 200 403 403 200"
"""A published course: its author and admins; all see it."""
AUTHOR_ADDS_TO_DRAFT = "401 404 404 201 403 403 201"
"""The same, making something."""
AUTHOR_ADDS = "401 403 403 201 403 403 201"
"""The same, making something."""
STAFF = "401 404 404 200 200 200 200"
"""Trainers, coordinators, admins; hidden from learners."""
COORDINATES = "401 403 403 403 403 200 200"
"""Coordinators and admins; all see it."""
COORDINATES_HIDDEN = "401 404 404 404 404 200 200"
"""Coordinators and admins; hidden from all others."""
COORDINATES_TRAINERS = "401 404 404 403 403 200 200"
"""Coordinators and admins; trainers see it, learners do not."""
LEARNER_ALONE = "401 200 404 404 404 404 404"
"""The learner's own: not even an admin's."""
MEMBERS_MAKE = "401 201 201 201 201 201 201"
"""Everybody signed in makes one."""
ADMIN = "401 404 404 404 404 404 200"
"""Admins; hidden from all others."""

TABLE: dict[str, dict[str, str]] = {
    "sign_in": {
        "any": "401 401 401 401 401 401 401",
    },
    "sign_out": {
        "any": "401 204 204 204 204 204 204",
    },
    "list_invitations": {
        "any": COORDINATES_HIDDEN,
    },
    "create_invitation": {
        "any": "401 403 403 403 403 201 201",
    },
    "open_invitation": {
        "any": "404 404 404 404 404 404 404",
    },
    "accept_invitation": {
        "any": "404 404 404 404 404 404 404",
    },
    "revoke_invitation": {
        "invitation": "401 404 404 404 404 204 204",
        "admins_invitation": "401 404 404 404 404 404 204",
        "unknown": NOBODY,
    },
    "get_me": {
        "any": MEMBERS,
    },
    "update_profile": {
        "any": "401 422 422 422 422 422 422",
    },
    "set_language": {
        "any": MEMBERS,
    },
    "change_password": {
        "any": "401 422 422 422 422 422 422",
    },
    "list_sessions": {
        "any": MEMBERS,
    },
    "revoke_session": {
        "learners_session": "401 204 404 404 404 404 404",
        "unknown": NOBODY,
    },
    "list_tokens": {
        "any": MEMBERS,
    },
    "create_token": {
        "any": MEMBERS_MAKE,
    },
    "revoke_token": {
        "learners_token": "401 204 404 404 404 404 404",
        "unknown": NOBODY,
    },
    "list_members": {
        "any": MEMBERS,
    },
    "get_member": {
        "member": MEMBERS,
        "unknown": NOBODY,
    },
    "list_accounts": {
        "any": ADMIN,
    },
    "get_account": {
        "newcomer": ADMIN,
        "unknown": NOBODY,
    },
    "set_roles": {
        "newcomer": ADMIN,
        "unknown": NOBODY,
    },
    "disable_account": {
        "newcomer": "401 404 404 404 404 404 204",
        "unknown": NOBODY,
    },
    "seed_account": {
        "any": "201 201 201 201 201 201 201",
    },
    "list_courses": {
        "any": MEMBERS,
    },
    "create_course": {
        "any": "401 403 403 201 201 403 201",
    },
    "list_drafts": {
        "any": MEMBERS,
    },
    "list_my_courses": {
        "any": MEMBERS,
    },
    "courses_home": {
        "any": MEMBERS,
    },
    "search_courses": {
        "any": MEMBERS,
    },
    "course_counts": {
        "draft_course": MEMBERS,
        "course": MEMBERS,
        "unknown": MEMBERS,
    },
    "get_course": {
        "draft_course": STAFF,
        "course": MEMBERS,
        "unknown": NOBODY,
    },
    "update_course": {
        "draft_course": AUTHOR_OF_DRAFT,
        "course": AUTHOR,
        "unknown": NOBODY,
    },
    "take_course": {
        "free_draft": "401 404 404 200 200 403 200",
        "course": "401 403 403 200 409 403 409",
        "unknown": NOBODY,
    },
    "publish_course": {
        "draft_course": AUTHOR_OF_DRAFT,
        "course": AUTHOR,
        "unknown": NOBODY,
        "shared_draft": AUTHORS_OF_DRAFT,
    },
    "publication": {
        "draft_course": "401 404 404 200 404 404 200",
        "shared_draft": "401 404 404 200 200 404 200",
        "course": "401 404 404 200 404 404 200",
        "unknown": NOBODY,
    },
    "list_history": {
        "kept_draft": STAFF,
        "course": STAFF,
        "unknown": NOBODY,
    },
    "get_snapshot": {
        "kept_draft": STAFF,
        "unknown": NOBODY,
    },
    "restore_snapshot": {
        "kept_draft": AUTHOR_OF_DRAFT,
        "unknown": NOBODY,
    },
    "restore_item": {
        "kept_draft": AUTHOR_OF_DRAFT,
        "unknown": NOBODY,
    },
    "align_objectives": {
        "draft_course": AUTHOR_OF_DRAFT,
        "shared_draft": AUTHORS_OF_DRAFT,
        "course": AUTHOR,
        "unknown": NOBODY,
    },
    "set_course_language": {
        "draft_course": AUTHOR_OF_DRAFT,
        "course": AUTHOR,
        "unknown": NOBODY,
    },
    "duplicate_course": {
        "draft_course": "401 404 404 201 201 403 201",
        "course": "401 403 403 201 201 403 201",
        "unknown": NOBODY,
    },
    "duplicate_item": {
        "draft_course": AUTHOR_ADDS_TO_DRAFT,
        "course": AUTHOR_ADDS,
        "unknown": NOBODY,
    },
    "place_item": {
        "draft_course": AUTHOR_OF_DRAFT,
        "course": AUTHOR,
        "unknown": NOBODY,
    },
    "add_author": {
        "shared_draft": AUTHOR_OF_DRAFT,
        "unknown": NOBODY,
    },
    "remove_author": {
        "shared_draft": AUTHOR_OF_DRAFT,
        "unknown": NOBODY,
    },
    "add_module": {
        "draft_course": AUTHOR_ADDS_TO_DRAFT,
        "course": AUTHOR_ADDS,
        "unknown": NOBODY,
    },
    "add_objective": {
        "draft_course": AUTHOR_ADDS_TO_DRAFT,
        "course": AUTHOR_ADDS,
        "unknown": NOBODY,
    },
    "update_objective": {
        "draft_course": AUTHOR_OF_DRAFT,
        "course": AUTHOR,
        "unknown": NOBODY,
    },
    "delete_objective": {
        "draft_course": AUTHOR_OF_DRAFT,
        "course": AUTHOR,
        "unknown": NOBODY,
    },
    "add_unit": {
        "draft_course": AUTHOR_ADDS_TO_DRAFT,
        "course": AUTHOR_ADDS,
        "unknown": NOBODY,
    },
    "add_activity": {
        "draft_course": AUTHOR_ADDS_TO_DRAFT,
        "course": AUTHOR_ADDS,
        "unknown": NOBODY,
    },
    "rename_item": {
        "draft_course": AUTHOR_OF_DRAFT,
        "course": AUTHOR,
        "unknown": NOBODY,
    },
    "delete_item": {
        "draft_course": AUTHOR_OF_DRAFT,
        "course": AUTHOR,
        "unknown": NOBODY,
    },
    "move_item": {
        "draft_course": AUTHOR_OF_DRAFT,
        "course": AUTHOR,
        "unknown": NOBODY,
    },
    "get_activity": {
        "draft_course": STAFF,
        "course": STAFF,
        "unknown": NOBODY,
    },
    "get_quiz": {
        "quiz_draft": STAFF,
        "quiz": "401 200 404 200 200 200 200",
        "unknown": NOBODY,
    },
    "get_quiz_draft": {
        "quiz_draft": STAFF,
        "quiz": STAFF,
        "unknown": NOBODY,
    },
    "set_quiz": {
        "quiz_draft": AUTHOR_OF_DRAFT,
        "quiz": AUTHOR,
        "unknown": NOBODY,
    },
    "preview_quiz": {
        "quiz_draft": STAFF,
        "quiz": STAFF,
        "unknown": NOBODY,
    },
    "grade_quiz_preview": {
        "quiz_draft": STAFF,
        "quiz": STAFF,
        "unknown": NOBODY,
    },
    "list_quiz_attempts": {
        "quiz_draft": AUTHOR_OF_DRAFT,
        "quiz": "401 403 404 200 403 403 200",
        "unknown": NOBODY,
    },
    "start_quiz": {
        "quiz_draft": NOBODY,
        "quiz": "401 201 404 404 404 404 404",
        "unknown": NOBODY,
    },
    "quiz_statistics": {
        "quiz_draft": AUTHOR_OF_DRAFT,
        "quiz": "401 403 404 200 403 403 200",
        "unknown": NOBODY,
    },
    "get_quiz_attempt": {
        "quiz_attempt": "401 200 404 200 404 404 200",
        "unknown": NOBODY,
    },
    "save_quiz_answer": {
        "quiz_attempt": LEARNER_ALONE,
        "unknown": NOBODY,
    },
    "submit_quiz": {
        "quiz_attempt": LEARNER_ALONE,
        "unknown": NOBODY,
    },
    "list_accommodations": {
        "quiz_draft": AUTHOR_OF_DRAFT,
        "quiz": AUTHOR,
        "unknown": NOBODY,
    },
    "set_accommodation": {
        "quiz": AUTHOR,
        "unknown": NOBODY,
    },
    "list_questions": {
        "any": "401 403 403 200 200 403 200",
    },
    "add_question": {
        "any": "401 403 403 201 201 403 201",
    },
    "get_question": {
        "question": "401 404 404 200 404 404 200",
        "shared_question": "401 404 404 200 200 404 200",
        "unknown": NOBODY,
    },
    "update_question": {
        "question": "401 404 404 200 404 404 200",
        "shared_question": "401 404 404 200 403 404 200",
        "unknown": NOBODY,
    },
    "retire_question": {
        "question": "401 404 404 200 404 404 200",
        "shared_question": "401 404 404 200 403 404 200",
        "unknown": NOBODY,
    },
    "list_question_tags": {
        "any": "401 403 403 200 200 403 200",
    },
    "add_question_image": {
        "file_draft": "401 403 403 201 404 403 404",
    },
    "set_activity_text": {
        "draft_course": AUTHOR_OF_DRAFT,
        "course": AUTHOR,
        "unknown": NOBODY,
    },
    "set_completion": {
        "draft_course": AUTHOR_OF_DRAFT,
        "course": AUTHOR,
        "unknown": NOBODY,
    },
    "set_activity_file": {
        "file_draft": "401 404 404 200 403 403 404",
        "unknown": NOBODY,
    },
    "set_activity_h5p": {
        "h5p_draft": "401 404 404 422 403 403 404",
        "unknown": NOBODY,
    },
    "export_olx": {
        "draft_course": AUTHOR_OF_DRAFT,
        "course": AUTHOR,
        "unknown": NOBODY,
    },
    "import_olx": {
        "file_draft": "401 403 403 422 404 403 404",
        "unknown": "401 403 403 404 404 403 404",
    },
    "set_activity_video": {
        "video_draft": AUTHOR_OF_DRAFT,
        "unknown": NOBODY,
    },
    "set_activity_link": {
        "link_draft": AUTHOR_OF_DRAFT,
        "unknown": NOBODY,
    },
    "open_block_editor": {
        "block_draft": AUTHOR_OF_DRAFT,
        "unknown": NOBODY,
    },
    "list_block_types": {
        "any": STAFF,
    },
    "set_block_type": {
        "block_type": ADMIN,
        "unknown": NOBODY,
    },
    "h5p_content_types": {
        "any": STAFF,
    },
    "h5p_library_semantics": {
        "h5p_content": STAFF,
    },
    "list_h5p_reusable": {
        "any": STAFF,
    },
    "find_h5p_draft": {
        "h5p_writing": AUTHOR_OF_DRAFT,
        "unknown": NOBODY,
    },
    "start_h5p_draft": {
        "h5p_content": AUTHOR_ADDS_TO_DRAFT,
        "unknown": NOBODY,
    },
    "get_h5p_draft": {
        "h5p_writing": AUTHOR_OF_DRAFT,
        "unknown": NOBODY,
    },
    "save_h5p_draft": {
        "h5p_writing": AUTHOR_OF_DRAFT,
        "unknown": NOBODY,
    },
    "discard_h5p_draft": {
        "h5p_writing": AUTHOR_OF_DRAFT,
        "unknown": NOBODY,
    },
    "add_h5p_media": {
        "h5p_writing": "401 404 404 201 403 403 404",
        "unknown": NOBODY,
    },
    "preview_h5p_draft": {
        "h5p_writing": AUTHOR_OF_DRAFT,
        "unknown": NOBODY,
    },
    "use_h5p_draft": {
        "h5p_writing": AUTHOR_OF_DRAFT,
        "unknown": NOBODY,
    },
    "list_h5p_libraries": {
        "any": STAFF,
    },
    "install_h5p_libraries": {
        "library_upload": "401 404 404 404 404 404 422",
    },
    "get_h5p_library": {
        "h5p_library": STAFF,
        "unknown": NOBODY,
    },
    "set_h5p_library": {
        "h5p_library": "401 404 404 403 403 403 200",
        "unknown": NOBODY,
    },
    "delete_h5p_library": {
        "h5p_library": "401 404 404 403 403 403 204",
        "unknown": NOBODY,
    },
    "get_h5p_content": {
        "h5p_content": STAFF,
        "unknown": NOBODY,
    },
    "copy_h5p_content": {
        "h5p_content": AUTHOR_OF_DRAFT,
        "unknown": NOBODY,
    },
    "set_h5p_display": {
        "h5p_content": AUTHOR_OF_DRAFT,
        "draft_course": "401 404 404 409 403 403 409",
        "unknown": NOBODY,
    },
    "export_h5p": {
        "h5p_content": STAFF,
        "unknown": NOBODY,
    },
    "set_finished": {
        "draft_course": NOBODY,
        "course": "401 409 404 404 404 404 404",
        "unknown": NOBODY,
    },
    "attempt_results": {
        "draft_course": NOBODY,
        "course": LEARNER_ALONE,
        "unknown": NOBODY,
    },
    "get_h5p_credits": {
        "h5p_content": STAFF,
        "unknown": NOBODY,
    },
    "list_h5p_events": {
        "any": ADMIN,
    },
    "get_h5p_event_policy": {
        "any": ADMIN,
    },
    "set_h5p_event_policy": {
        "any": ADMIN,
    },
    "list_h5p_upgrades": {
        "any": ADMIN,
    },
    "start_h5p_upgrade": {
        "any": "401 404 404 404 404 404 409",
    },
    "get_h5p_upgrade": {
        "h5p_upgrade": ADMIN,
        "unknown": NOBODY,
    },
    "continue_h5p_upgrade": {
        "h5p_upgrade": ADMIN,
        "unknown": NOBODY,
    },
    "undo_h5p_upgrade": {
        "h5p_upgrade": ADMIN,
        "unknown": NOBODY,
    },
    "get_h5p_policy": {
        "any": STAFF,
    },
    "set_h5p_policy": {
        "any": "401 403 403 403 403 403 200",
    },
    "enrol": {
        "draft_course": "401 404 404 409 409 409 409",
        "course": MEMBERS_MAKE,
        "unknown": NOBODY,
    },
    "get_learning": {
        "draft_course": NOBODY,
        "course": LEARNER_ALONE,
        "unknown": NOBODY,
    },
    "open_activity": {
        "draft_course": NOBODY,
        "course": LEARNER_ALONE,
        "unknown": NOBODY,
    },
    "roster": {
        "draft_course": AUTHOR_OF_DRAFT,
        "course": AUTHOR,
        "unknown": NOBODY,
    },
    "mark_viewed": {
        "draft_course": NOBODY,
        "course": LEARNER_ALONE,
        "unknown": NOBODY,
    },
    "record_statement": {
        "draft_course": NOBODY,
        "course": "401 409 404 404 404 404 404",
        "unknown": NOBODY,
    },
    "save_state": {
        "draft_course": NOBODY,
        "course": "401 409 404 404 404 404 404",
        "unknown": NOBODY,
    },
    "call_handler": {
        "draft_course": NOBODY,
        "course": NOBODY,
        "unknown": NOBODY,
    },
    "get_certificate_settings": {
        "draft_course": STAFF,
        "course": STAFF,
        "unknown": NOBODY,
    },
    "set_certificate_settings": {
        "draft_course": AUTHOR_OF_DRAFT,
        "course": AUTHOR,
        "unknown": NOBODY,
    },
    "get_my_certificate": {
        "draft_course": STAFF,
        "completed_course": MEMBERS,
        "unknown": NOBODY,
    },
    "issue_certificate": {
        "course": "401 409 404 404 404 404 404",
        "completed_course": "401 201 404 404 404 404 404",
        "unknown": NOBODY,
    },
    "list_course_certificates": {
        "draft_course": AUTHOR_OF_DRAFT,
        "course": AUTHOR,
        "unknown": NOBODY,
    },
    "list_my_certificates": {
        "any": MEMBERS,
    },
    "get_certificate": {
        "certificate": "401 200 404 200 404 404 200",
        "unknown": NOBODY,
    },
    "check_certificate": {
        "certificate": "200 200 200 200 200 200 200",
        "unknown": "404 404 404 404 404 404 404",
    },
    "get_badge": {
        "certificate": LEARNER_ALONE,
        "unknown": NOBODY,
    },
    "revoke_certificate": {
        "certificate": "401 403 404 200 404 404 200",
        "unknown": NOBODY,
    },
    "reissue_certificate": {
        "certificate": "401 403 404 201 404 404 201",
        "unknown": NOBODY,
    },
    "badge_issuer": {
        "any": "200 200 200 200 200 200 200",
    },
    "badge_status": {
        "certificate": "200 200 200 200 200 200 200",
    },
    "get_evaluation": {
        "course": NOBODY,
        "completed_course": LEARNER_ALONE,
        "unknown": NOBODY,
    },
    "answer_evaluation": {
        "course": "401 409 404 404 404 404 404",
        "completed_course": "401 201 404 404 404 404 404",
        "unknown": NOBODY,
    },
    "evaluation_results": {
        "draft_course": "401 404 404 200 403 200 200",
        "course": "401 403 403 200 403 200 200",
        "unknown": NOBODY,
    },
    "set_gate": {
        "draft_course": AUTHOR_OF_DRAFT,
        "course": AUTHOR,
        "unknown": NOBODY,
    },
    "set_enrolment_rules": {
        "draft_course": AUTHOR_OF_DRAFT,
        "course": AUTHOR,
        "unknown": NOBODY,
    },
    "list_cohorts": {
        "draft_course": STAFF,
        "cohort": MEMBERS,
        "unknown": NOBODY,
    },
    "create_cohort": {
        "draft_course": "401 404 404 201 403 201 201",
        "course": "401 403 403 201 403 201 201",
        "unknown": NOBODY,
    },
    "get_cohort": {
        "cohort": MEMBERS,
        "unknown": NOBODY,
    },
    "update_cohort": {
        "cohort": "401 403 403 200 403 200 200",
        "unknown": NOBODY,
    },
    "delete_cohort": {
        "cohort": "401 403 403 200 403 200 200",
        "unknown": NOBODY,
    },
    "get_enrolment": {
        "draft_course": STAFF,
        "course": MEMBERS,
        "unknown": NOBODY,
    },
    "leave_course": {
        "draft_course": NOBODY,
        "course": LEARNER_ALONE,
        "unknown": NOBODY,
    },
    "set_interest": {
        "draft_course": "401 404 404 409 409 409 409",
        "course": MEMBERS,
        "unknown": NOBODY,
    },
    "beat": {
        "draft_course": NOBODY,
        "course": LEARNER_ALONE,
        "unknown": NOBODY,
    },
    "my_learning": {
        "any": MEMBERS,
    },
    "course_report": {
        "draft_course": AUTHOR_OF_DRAFT,
        "course": AUTHOR,
        "unknown": NOBODY,
    },
    "activity_report": {
        "draft_course": AUTHOR_OF_DRAFT,
        "course": AUTHOR,
        "unknown": NOBODY,
    },
    "learner_report": {
        "learners_course": AUTHOR,
        "unknown": NOBODY,
    },
    "nudge_learners": {
        "draft_course": AUTHOR_OF_DRAFT,
        "course": AUTHOR,
        "unknown": NOBODY,
    },
    "completion_report": {
        "any": "401 403 403 200 200 200 200",
    },
    "set_activity_scorm": {
        "scorm_draft": "401 404 404 422 403 403 404",
        "unknown": NOBODY,
    },
    "save_scorm": {
        "draft_course": NOBODY,
        "course": "401 409 404 404 404 404 404",
        "unknown": NOBODY,
    },
    "list_xapi_tools": {
        "any": ADMIN,
    },
    "register_xapi_tool": {
        "any": "401 403 403 403 403 403 201",
    },
    "revoke_xapi_tool": {
        "tool": "401 404 404 404 404 404 204",
        "unknown": NOBODY,
    },
    "list_survey_templates": {
        "any": COORDINATES,
    },
    "get_survey_template": {
        "template": COORDINATES,
        "unknown": "401 403 403 403 403 404 404",
    },
    "list_surveys": {
        "any": MEMBERS,
    },
    "create_survey": {
        "any": "401 403 403 403 403 201 201",
    },
    "get_survey": {
        "draft_survey": COORDINATES_HIDDEN,
        "open_survey": MEMBERS,
        "trainers_survey": STAFF,
        "unknown": NOBODY,
    },
    "edit_survey": {
        "draft_survey": COORDINATES_HIDDEN,
        "open_survey": "401 403 403 403 403 409 409",
        "trainers_survey": "401 404 404 403 403 409 409",
        "unknown": NOBODY,
    },
    "repeat_survey": {
        "draft_survey": "401 404 404 404 404 409 409",
        "open_survey": "401 403 403 403 403 409 409",
        "ranked_survey": "401 403 403 403 403 201 201",
        "ranked_trainers_survey": "401 404 404 403 403 201 201",
        "unknown": NOBODY,
    },
    "discard_survey": {
        "draft_survey": COORDINATES_HIDDEN,
        "open_survey": "401 403 403 403 403 409 409",
        "trainers_survey": "401 404 404 403 403 409 409",
        "unknown": NOBODY,
    },
    "launch_survey": {
        "draft_survey": COORDINATES_HIDDEN,
        "open_survey": "401 403 403 403 403 409 409",
        "trainers_survey": "401 404 404 403 403 409 409",
        "unknown": NOBODY,
    },
    "extend_survey": {
        "draft_survey": "401 404 404 404 404 409 409",
        "open_survey": COORDINATES,
        "trainers_survey": COORDINATES_TRAINERS,
        "unknown": NOBODY,
    },
    "close_survey": {
        "draft_survey": NOBODY,
        "open_survey": COORDINATES,
        "trainers_survey": COORDINATES_TRAINERS,
        "unknown": NOBODY,
    },
    "rank_needs": {
        "draft_survey": "401 404 404 404 404 409 409",
        "open_survey": "401 403 403 403 403 409 409",
        "ranked_survey": COORDINATES,
        "ranked_trainers_survey": COORDINATES_TRAINERS,
        "unknown": NOBODY,
    },
    "get_survey_progress": {
        "draft_survey": COORDINATES_HIDDEN,
        "open_survey": COORDINATES,
        "trainers_survey": COORDINATES_TRAINERS,
        "unknown": NOBODY,
    },
    "list_survey_participants": {
        "draft_survey": NOBODY,
        "named_survey": COORDINATES,
        "open_survey": "401 403 403 403 403 404 404",
        "trainers_survey": "401 404 404 403 403 404 404",
        "unknown": NOBODY,
    },
    "get_survey_draft": {
        "draft_survey": NOBODY,
        "open_survey": MEMBERS,
        "trainers_survey": "401 404 404 200 200 404 404",
        "unknown": NOBODY,
    },
    "save_survey_draft": {
        "draft_survey": NOBODY,
        "open_survey": MEMBERS,
        "trainers_survey": "401 404 404 200 200 404 404",
        "unknown": NOBODY,
    },
    "submit_response": {
        "draft_survey": NOBODY,
        "open_survey": MEMBERS_MAKE,
        "trainers_survey": "401 404 404 201 201 404 404",
        "unknown": NOBODY,
    },
    "get_own_response": {
        "draft_survey": NOBODY,
        "named_survey": LEARNER_ALONE,
        "open_survey": NOBODY,
        "trainers_survey": NOBODY,
        "unknown": NOBODY,
    },
    "get_survey_results": {
        "draft_survey": NOBODY,
        "open_survey": "401 409 409 409 409 409 409",
        "ranked_survey": MEMBERS,
        "ranked_trainers_survey": STAFF,
        "unknown": NOBODY,
    },
    "list_needs": {
        "any": MEMBERS,
    },
    "search_needs": {
        "any": MEMBERS,
    },
    "get_need": {
        "need": MEMBERS,
        "trainers_need": MEMBERS,
        "unknown": NOBODY,
    },
    "get_loop": {
        "need": MEMBERS,
        "trainers_need": MEMBERS,
        "unknown": NOBODY,
    },
    "open_proposal": {
        "free_need": "401 403 403 403 403 201 201",
        "unknown": NOBODY,
    },
    "list_loops": {
        "any": COORDINATES,
    },
    "get_need_of_course": {
        "approved_proposal": MEMBERS,
        "draft_course": NOBODY,
        "unknown": NOBODY,
    },
    "list_proposals": {
        "any": MEMBERS,
    },
    "get_proposal": {
        "proposal": MEMBERS,
        "unknown": NOBODY,
    },
    "edit_proposal": {
        "proposal": COORDINATES,
        "unknown": NOBODY,
    },
    "endorse_proposal": {
        "proposal": MEMBERS,
        "unknown": NOBODY,
    },
    "withdraw_endorsement": {
        "proposal": MEMBERS,
        "unknown": NOBODY,
    },
    "decide_proposal": {
        "proposal": COORDINATES,
        "unknown": NOBODY,
    },
    "surveys_today": {
        "any": MEMBERS,
    },
    "list_spaces": {
        "any": MEMBERS,
    },
    "list_topics": {
        "any": MEMBERS,
    },
    "open_topic": {
        "topic": MEMBERS_MAKE,
        "unknown": NOBODY,
    },
    "search_topics": {
        "any": MEMBERS,
    },
    "get_topic": {
        "topic": MEMBERS,
        "unknown": NOBODY,
    },
    "list_posts": {
        "topic": MEMBERS,
        "unknown": NOBODY,
    },
    "add_post": {
        "topic": MEMBERS_MAKE,
        "unknown": NOBODY,
    },
    "follow_topic": {
        "topic": MEMBERS,
        "unknown": NOBODY,
    },
    "unfollow_topic": {
        "topic": MEMBERS,
        "unknown": NOBODY,
    },
    "get_topic_of_proposal": {
        "approved_proposal": MEMBERS,
        "unknown": NOBODY,
    },
    "get_post": {
        "topic": MEMBERS,
        "unknown": NOBODY,
    },
    "edit_post": {
        "topic": "401 200 403 403 403 403 403",
        "unknown": NOBODY,
    },
    "retire_post": {
        "topic": "401 204 403 403 403 403 204",
        "unknown": NOBODY,
    },
    "list_notifications": {
        "any": MEMBERS,
    },
    "count_unread": {
        "any": MEMBERS,
    },
    "mark_all_read": {
        "any": MEMBERS,
    },
    "send_test_notification": {
        "any": MEMBERS_MAKE,
    },
    "get_notification": {
        "learners_notification": LEARNER_ALONE,
        "unknown": NOBODY,
    },
    "mark_read": {
        "learners_notification": LEARNER_ALONE,
        "unknown": NOBODY,
    },
    "get_preferences": {
        "any": MEMBERS,
    },
    "set_preferences": {
        "any": MEMBERS,
    },
    "read_unsubscribe_link": {
        "unknown": "303 303 303 303 303 303 303",
    },
    "unsubscribe": {
        "unknown": "404 404 404 404 404 404 404",
    },
    "list_mailbox": {
        "any": MEMBERS,
    },
    "get_mail": {
        "learners_mail": "401 200 404 404 404 404 200",
        "unknown": NOBODY,
    },
}
for _part in PARTS:
    TABLE |= _part.TABLE
