"""A quiz. Its questions and rules are fields of this block; questions of the bank are references to fixed versions.

A host with the service `quizzes` keeps attempts, autosave and time limits itself (as the platform does); there the
view is a place for its page and the handler refuses. Elsewhere the block is a plain form that works without scripts
and scores its own questions.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from web_fragments.fragment import Fragment
from webob import Request, Response
from xblock.completable import CompletableXBlockMixin
from xblock.core import XBlock
from xblock.fields import Dict, Float, List, Scope

from services.courses.domain.quiz import RULES, Result, Source, references, result_of
from services.courses.players.blocks.quiz_form import answers_of, page_of
from services.courses.players.blocks.text import language_of


@XBlock.wants("quizzes")
@XBlock.wants("i18n")
class QuizBlock(CompletableXBlockMixin, XBlock):  # type: ignore[misc]
    """Completed when it is submitted, or, with a pass mark, when it is passed."""

    has_score = True

    entries = List(default=[], scope=Scope.content)
    pools = Dict(default={}, scope=Scope.content)
    rules = Dict(default=dict(RULES), scope=Scope.settings)
    last_score = Float(default=None, scope=Scope.user_state)

    def write(
        self, entries: Sequence[Mapping[str, Any]], pools: Mapping[str, Any], rules: Mapping[str, Any]
    ) -> None:
        """Replace everything. Effect: saves."""
        self.entries, self.pools = [dict(entry) for entry in entries], dict(pools)
        self.rules = {**RULES, **rules}
        self.save()

    def freeze(self, pools: Mapping[str, Any]) -> None:
        """Fix what each draw draws from, as a publication needs. Effect: saves."""
        self.pools = dict(pools)
        self.save()

    @property
    def options(self) -> dict[str, Any]:
        """The rules, with defaults for what older contents do not have."""
        return {**RULES, **self.rules}

    def source(self, pools: Mapping[str, Any] | None = None) -> Source:
        """What papers are made of; `pools` instead of the frozen ones."""
        pools = self.pools if pools is None else pools
        wanted = [*references(self.entries), *((str(q), int(v)) for pool in pools.values() for q, v in pool)]
        host = self.runtime.service(self, "quizzes")
        return Source(self.entries, pools, host.versions(wanted) if host and wanted else {})

    def ready_languages(self) -> list[str]:
        """Languages in which every question can be answered."""
        return self._today().languages()

    def missing(self) -> list[tuple[str, dict[str, Any]]]:
        """What stands before publication."""
        return self._today().missing()

    def _today(self) -> Source:
        """The draft with what its draws would draw from now."""
        host = self.runtime.service(self, "quizzes")
        return self.source(host.pools_in(self.scope_ids.usage_id, self.entries) if host else {})

    def max_score(self) -> float:
        """Results are shares of one."""
        return 1.0

    def take_result(self, result: Result) -> None:
        """Announce a submitted attempt: its score, and completion where it passed or nothing is to be passed."""
        self.runtime.publish(self, "grade", {"value": result.score, "max_value": 1.0})
        if result.passed is not False:
            self.emit_completion(1.0)

    def student_view(self, context: Mapping[str, Any] | None = None) -> Fragment:
        """The place of the host's own page, or the form."""
        if self.runtime.service(self, "quizzes"):
            return Fragment(f'<div class="activity-quiz" data-activity="{self.scope_ids.usage_id}"></div>')
        action = self.runtime.handler_url(self, "submit")
        return Fragment(page_of(self._paper(), language_of(context), action, self.last_score))

    def _paper(self) -> list[dict[str, Any]]:
        seed = f"{self.scope_ids.usage_id} {self.scope_ids.user_id}"
        return self.source().paper(self.options, zlib.crc32(seed.encode()))

    @XBlock.handler  # type: ignore[untyped-decorator]
    def submit(self, request: Request, suffix: str = "") -> Response:  # noqa: ARG002 the contract's signature
        """Score the form. Refused where the host keeps attempts."""
        if self.runtime.service(self, "quizzes"):
            return Response(status=409)
        paper = self._paper()
        answers = answers_of(paper, request.POST)
        result = result_of(paper, answers, self.options["pass_mark"])
        self.last_score = result.score
        self.take_result(result)
        language = language_of({"language": getattr(self.runtime.service(self, "i18n"), "language", None)})
        action = self.runtime.handler_url(self, "submit")
        html = page_of(paper, language, action, result.score, (answers, result))
        return Response(html, content_type="text/html", charset="utf-8")
