"""Entry points of quizzes and the question bank."""

from __future__ import annotations

from typing import Any

from services.courses.commands import quiz as taking
from services.courses.commands import quiz_authoring as writing
from services.courses.queries import question_bank
from services.courses.queries import quiz as reading
from services.courses.schemas import ActivityId, CourseId
from services.courses.schemas import quiz as schemas
from shared.actor import system_actor
from shared.db.tx import Tx
from shared.messaging.bus import Call
from shared.messaging.entrypoints import command, command_unremembered, every, query, rpc
from shared.messaging.service import Service
from shared.wire import Schema, load

View = dict[str, Any]


class QuizCalls(Service):
    """Quizzes: writing, taking, results; and the bank."""

    @command
    def set_quiz(self, tx: Tx, call: Call) -> View:
        return writing.set_quiz(tx, writing.SetQuiz(**load(schemas.QuizEdit(), call.payload)))

    @command
    def start_quiz(self, tx: Tx, call: Call) -> View:
        return taking.start_quiz(tx, load(ActivityId(), call.payload)["activity_id"])

    @command
    def save_quiz_answer(self, tx: Tx, call: Call) -> View:
        return taking.save_quiz_answer(tx, taking.SaveAnswer(**load(schemas.QuizAnswer(), call.payload)))

    @command_unremembered  # submitting again gives the same result, so that answers need not be kept twice
    def submit_quiz(self, tx: Tx, call: Call) -> View:
        return taking.submit_quiz(tx, taking.SubmitQuiz(**load(schemas.QuizSubmission(), call.payload)))

    @command
    def add_question(self, tx: Tx, call: Call) -> View:
        return writing.add_question(tx, writing.BankQuestion(**load(schemas.NewBankQuestion(), call.payload)))

    @command
    def update_question(self, tx: Tx, call: Call) -> View:
        data = load(schemas.BankQuestionEdit(), call.payload)
        question_id, version = data.pop("question_id"), data.pop("version")
        return writing.update_question(tx, question_id, version, writing.BankQuestion(**data))

    @command
    def retire_question(self, tx: Tx, call: Call) -> View:
        return writing.retire_question(tx, **load(schemas.BankQuestionRetirement(), call.payload))

    @rpc
    def add_question_image(self, call: Call) -> View:
        upload_id = load(schemas.QuestionImage(), call.payload)["upload_id"]
        return writing.add_question_image(self, call, upload_id)

    @command
    def set_accommodation(self, tx: Tx, call: Call) -> View:
        return writing.set_accommodation(tx, **load(schemas.Accommodation(), call.payload))

    @query
    def get_quiz(self, tx: Tx, call: Call) -> View:
        return reading.get_quiz(tx, load(ActivityId(), call.payload)["activity_id"])

    @query
    def get_quiz_draft(self, tx: Tx, call: Call) -> View:
        return reading.get_quiz_draft(tx, load(ActivityId(), call.payload)["activity_id"])

    @query
    def get_quiz_attempt(self, tx: Tx, call: Call) -> View:
        return reading.get_quiz_attempt(tx, load(schemas.QuizAttemptId(), call.payload)["quiz_attempt_id"])

    @query
    def list_quiz_attempts(self, tx: Tx, call: Call) -> View:
        return reading.list_quiz_attempts(tx, load(schemas.ActivityPaged(), call.payload))

    @query
    def preview_quiz(self, tx: Tx, call: Call) -> View:
        return reading.preview_quiz(tx, **load(schemas.QuizPreview(), call.payload))

    @query
    def grade_quiz_preview(self, tx: Tx, call: Call) -> View:
        return reading.grade_quiz_preview(tx, **load(schemas.QuizPreviewAnswers(), call.payload))

    @query
    def quiz_statistics(self, tx: Tx, call: Call) -> View:
        return reading.quiz_statistics(tx, load(ActivityId(), call.payload)["activity_id"])

    @query
    def list_accommodations(self, tx: Tx, call: Call) -> View:
        return reading.list_accommodations(tx, load(CourseId(), call.payload)["course_id"])

    @query
    def list_questions(self, tx: Tx, call: Call) -> View:
        return question_bank.list_questions(tx, load(schemas.BankList(), call.payload))

    @query
    def get_question(self, tx: Tx, call: Call) -> View:
        return question_bank.get_question(tx, **load(schemas.BankQuestionId(), call.payload))

    @query
    def list_question_tags(self, tx: Tx, call: Call) -> View:
        load(Schema(), call.payload)
        return question_bank.list_question_tags(tx)

    @query
    def get_question_image(self, tx: Tx, call: Call) -> View:
        return reading.get_question_image(tx, **load(schemas.QuestionImageId(), call.payload))

    @every(minutes=5)
    def close_overdue_quizzes(self) -> None:
        with self.db.tx(system_actor(self.name)) as tx:
            taking.close_overdue(tx)
