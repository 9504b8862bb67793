"""Tables of the surveys service and the mapping of its domain classes.

Anonymity is a constraint, not a habit: a response carries its survey's anonymity (composite foreign key), and only
a named one can hold an account. Neither participations nor responses have a time.
"""

from __future__ import annotations

from sqlalchemy.orm import registry

from services.surveys.domain.coding import Coding
from services.surveys.domain.need import Need
from services.surveys.domain.panel import Panel
from services.surveys.domain.proposal import Proposal
from services.surveys.domain.survey import Survey
from services.surveys.tables.answers import answers, drafts, participations, response_counts, responses
from services.surveys.tables.base import messaging, metadata
from services.surveys.tables.board import board_entries, board_supports
from services.surveys.tables.coding import (
    coding_changes,
    coding_codes,
    coding_decisions,
    coding_marks,
    codings,
    named_exports,
)
from services.surveys.tables.collecting import (
    coverage,
    link_batches,
    link_drafts,
    member_cohorts,
    pseudonyms,
    reminders,
    survey_audience,
    survey_links,
)
from services.surveys.tables.figures import figures, margins, public_summaries
from services.surveys.tables.loop import loop_courses, loop_learners, loop_topics, members
from services.surveys.tables.needs import decisions, endorsements, needs, proposals, rankings
from services.surveys.tables.panels import (
    panel_ideas,
    panel_items,
    panel_members,
    panel_pseudonyms,
    panel_ratings,
    panel_rounds,
    panel_uses,
    panel_votes,
    panels,
)
from services.surveys.tables.proof import (
    ballots,
    follow_up_answers,
    follow_up_asks,
    follow_up_measures,
    follow_up_series,
    objections,
    pseudonym_links,
    verdict_rules,
    verdicts,
    vote_proposals,
    vote_rolls,
    votes,
)
from services.surveys.tables.surveys import instrument_versions, survey_items, surveys

mapper_registry = registry(metadata=metadata)
mapper_registry.map_imperatively(Survey, surveys)
mapper_registry.map_imperatively(Need, needs)
mapper_registry.map_imperatively(Panel, panels)
mapper_registry.map_imperatively(Proposal, proposals)
mapper_registry.map_imperatively(Coding, codings)

__all__ = [
    "answers",
    "ballots",
    "board_entries",
    "board_supports",
    "coding_changes",
    "coding_codes",
    "coding_decisions",
    "coding_marks",
    "codings",
    "coverage",
    "decisions",
    "drafts",
    "endorsements",
    "figures",
    "follow_up_answers",
    "follow_up_asks",
    "follow_up_measures",
    "follow_up_series",
    "instrument_versions",
    "link_batches",
    "link_drafts",
    "loop_courses",
    "loop_learners",
    "loop_topics",
    "mapper_registry",
    "margins",
    "member_cohorts",
    "members",
    "messaging",
    "metadata",
    "named_exports",
    "needs",
    "objections",
    "panel_ideas",
    "panel_items",
    "panel_members",
    "panel_pseudonyms",
    "panel_ratings",
    "panel_rounds",
    "panel_uses",
    "panel_votes",
    "panels",
    "participations",
    "proposals",
    "pseudonym_links",
    "pseudonyms",
    "public_summaries",
    "rankings",
    "reminders",
    "response_counts",
    "responses",
    "survey_audience",
    "survey_items",
    "survey_links",
    "surveys",
    "verdict_rules",
    "verdicts",
    "vote_proposals",
    "vote_rolls",
    "votes",
]
