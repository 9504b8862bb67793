"""Entry points of the courses service. See README.md for payloads and views."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from services.courses import schemas, trash
from services.courses.calls.blocks import BlockCalls
from services.courses.calls.certificates import CertificateCalls
from services.courses.calls.cohorts import CohortCalls
from services.courses.calls.editions import EditionCalls
from services.courses.calls.h5p_editor import H5pEditorCalls
from services.courses.calls.h5p_library import H5pLibraryCalls
from services.courses.calls.h5p_play import H5pPlayCalls
from services.courses.calls.lrs import LrsCalls
from services.courses.calls.olx import OlxCalls
from services.courses.calls.quiz import QuizCalls
from services.courses.calls.reports import ReportCalls
from services.courses.calls.scorm import ScormCalls
from services.courses.commands import files, learning, opening, packages, uploads, writing
from services.courses.players.xblock_runtime import HandlerRequest
from services.courses.queries import courses, summaries
from services.courses.queries import learning as learners
from services.courses.schemas.editions import CourseRead, FileRead
from services.courses.tables import messaging
from shared.actor import system_actor
from shared.contracts.surveys import ProposalApproved
from shared.db.tx import Tx
from shared.messaging.bus import Call
from shared.messaging.entrypoints import command, command_unremembered, every, on_event, query, rpc
from shared.messaging.envelope import Envelope
from shared.messaging.tables import MessagingTables
from shared.wire import Schema, load

View = dict[str, Any]


class CoursesService(
    H5pPlayCalls,
    EditionCalls,
    BlockCalls,
    CertificateCalls,
    H5pEditorCalls,
    LrsCalls,
    ScormCalls,
    CohortCalls,
    ReportCalls,
    QuizCalls,
    H5pLibraryCalls,
    OlxCalls,
):
    """Courses, their activities, and how learners get through them."""

    name: ClassVar[str] = "courses"
    tables: ClassVar[MessagingTables] = messaging
    folder: ClassVar[Path] = Path(__file__).parent

    # --- writing

    @command
    def create_course(self, tx: Tx, call: Call) -> View:
        return writing.create_course(tx, writing.CreateCourse(**load(schemas.NewCourse(), call.payload)))

    @command
    def take_course(self, tx: Tx, call: Call) -> View:
        return writing.take_course(tx, load(schemas.CourseId(), call.payload)["course_id"])

    @command
    def update_course(self, tx: Tx, call: Call) -> View:
        return writing.update_course(tx, writing.UpdateCourse(**load(schemas.CourseEdit(), call.payload)))

    @command
    def add_module(self, tx: Tx, call: Call) -> View:
        return writing.add_module(tx, writing.AddModule(**load(schemas.NewModule(), call.payload)))

    @command
    def add_unit(self, tx: Tx, call: Call) -> View:
        return writing.add_unit(tx, writing.AddUnit(**load(schemas.NewUnit(), call.payload)))

    @command
    def add_activity(self, tx: Tx, call: Call) -> View:
        return writing.add_activity(tx, writing.AddActivity(**load(schemas.NewActivity(), call.payload)))

    @command
    def rename_item(self, tx: Tx, call: Call) -> View:
        return writing.rename_item(tx, writing.RenameItem(**load(schemas.ItemTitle(), call.payload)))

    @command
    def move_item(self, tx: Tx, call: Call) -> View:
        return writing.move_item(tx, writing.MoveItem(**load(schemas.ItemMove(), call.payload)))

    @command
    def delete_item(self, tx: Tx, call: Call) -> View:
        return writing.delete_item(tx, writing.DeleteItem(**load(schemas.ItemVersion(), call.payload)))

    @command
    def add_objective(self, tx: Tx, call: Call) -> View:
        data = load(schemas.NewObjective(), call.payload)
        course_id, version = data.pop("course_id"), data.pop("version")
        return writing.add_objective(tx, course_id, version, writing.ObjectiveFields(**data))

    @command
    def update_objective(self, tx: Tx, call: Call) -> View:
        data = load(schemas.ObjectiveEdit(), call.payload)
        objective_id, version = data.pop("objective_id"), data.pop("version")
        return writing.update_objective(tx, objective_id, version, writing.ObjectiveFields(**data))

    @command
    def delete_objective(self, tx: Tx, call: Call) -> View:
        return writing.delete_objective(tx, **load(schemas.ObjectiveVersion(), call.payload))

    @command
    def set_activity_text(self, tx: Tx, call: Call) -> View:
        cmd = writing.SetActivityText(**load(schemas.ActivityText(), call.payload))
        return writing.set_activity_text(tx, cmd)

    @on_event(ProposalApproved.type)
    def on_proposal_approved(self, tx: Tx, event: Envelope) -> None:
        writing.draft_course(tx, ProposalApproved.from_data(event.data))

    # --- uploads, files, H5P

    @command
    def register_upload(self, tx: Tx, call: Call) -> View:
        cmd = uploads.RegisterUpload(**load(schemas.NewUpload(), call.payload))
        return uploads.register_upload(tx, self.storage, cmd)

    @rpc
    def set_activity_file(self, call: Call) -> View:
        cmd = files.SetActivityFile(**load(schemas.ActivityFile(), call.payload))
        return files.set_activity_file(self, call, cmd)

    @rpc
    def set_activity_h5p(self, call: Call) -> View:
        cmd = packages.SetActivityH5p(**load(schemas.ActivityPackage(), call.payload))
        return packages.set_activity_h5p(self, call, cmd)

    # --- learning

    @command_unremembered  # its answer holds a play token, of which only the hash may be stored
    def open_activity(self, tx: Tx, call: Call) -> View:
        return opening.open_activity(tx, opening.OpenActivity(**load(schemas.OpenActivity(), call.payload)))

    @command
    def mark_viewed(self, tx: Tx, call: Call) -> View:
        return learning.mark_viewed(tx, load(schemas.ActivityId(), call.payload)["activity_id"])

    @command
    def record_statement(self, tx: Tx, call: Call) -> View:
        data = load(schemas.NewStatement(), call.payload)
        cmd = learning.RecordStatement(
            **data, homepage=self.settings.main_origin, key=call.idempotency_key, storage=self.storage
        )
        return learning.record_statement(tx, cmd)

    @command
    def save_state(self, tx: Tx, call: Call) -> View:
        return learning.save_state(tx, learning.SaveState(**load(schemas.NewState(), call.payload)))

    @command
    def call_handler(self, tx: Tx, call: Call) -> View:
        data = load(schemas.HandlerCall(), call.payload)
        ids = {name: data.pop(name) for name in ("activity_id", "handler")}
        return learning.call_handler(tx, learning.CallHandler(**ids, request=HandlerRequest(**data)))

    # --- reading

    @query
    def list_courses(self, tx: Tx, call: Call) -> View:
        return summaries.list_courses(tx, load(schemas.CourseList(), call.payload))

    @query
    def list_drafts(self, tx: Tx, call: Call) -> View:
        return summaries.list_drafts(tx, load(schemas.Paged(), call.payload))

    @query
    def list_my_courses(self, tx: Tx, call: Call) -> View:
        return summaries.list_my_courses(tx, load(schemas.Paged(), call.payload))

    @query
    def search(self, tx: Tx, call: Call) -> View:
        data = load(schemas.Search(), call.payload)
        return summaries.search(tx, data["q"], data["limit"])

    @query
    def course_counts(self, tx: Tx, call: Call) -> View:
        return summaries.course_counts(tx, load(schemas.CourseIds(), call.payload)["course_ids"])

    @query
    def get_course(self, tx: Tx, call: Call) -> View:
        return courses.get_course(tx, **load(CourseRead(), call.payload))

    @query
    def get_activity(self, tx: Tx, call: Call) -> View:
        return courses.get_activity(tx, load(schemas.ActivityId(), call.payload)["activity_id"])

    @query
    def get_file(self, tx: Tx, call: Call) -> View:
        return courses.get_file(tx, **load(FileRead(), call.payload))

    @query
    def get_learning(self, tx: Tx, call: Call) -> View:
        return learners.get_learning(tx, load(schemas.CourseId(), call.payload)["course_id"])

    @query
    def resolve_grant(self, tx: Tx, call: Call) -> View:
        return learners.resolve_grant(tx, load(schemas.Token(), call.payload)["token"])

    @query
    def get_h5p_policy(self, tx: Tx, call: Call) -> View:
        load(Schema(), call.payload)
        return learners.get_h5p_policy(tx, demo=self.settings.demo)

    # --- jobs

    @every(minutes=15)
    def expire_uploads(self) -> None:
        with self.db.tx(system_actor(self.name)) as tx:
            uploads.expire_uploads(tx)
        uploads.sweep(self)

    @every(minutes=10)
    def empty_trash(self) -> None:
        with self.db.tx(system_actor(self.name)) as tx:
            trash.sweep(tx, self.storage)

    @every(minutes=60)
    def expire_grants(self) -> None:
        with self.db.tx(system_actor(self.name)) as tx:
            learning.expire_grants(tx)
