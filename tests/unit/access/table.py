"""Who gets what from every operation: expected statuses by target, in the order of `ROLES`.

    visitor, learner, other learner, trainer, other trainer, coordinator, admin

Targets are methods of World. The learner owns posts, notifications, sessions and an enrolment; the trainer owns courses
and uploads; the coordinator made surveys, proposals and an invitation. 404 hides, 403 refuses what may be seen.
"""

from __future__ import annotations

NOBODY = "401 404 404 404 404 404 404"
"""Hidden from everybody, or unknown."""
MEMBERS = "401 200 200 200 200 200 200"
"""Everybody signed in."""
AUTHOR_OF_DRAFT = "401 404 404 200 403 403 200"
"""A draft course: its author and admins; other staff see it and are refused."""
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
    "list_h5p_libraries": {
        "any": STAFF,
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
