"""Certificates, badges and evaluations."""

from __future__ import annotations

from typing import Any

from services.courses.commands import certificates as commands
from services.courses.commands import evaluations
from services.courses.queries import certificates as queries
from services.courses.queries import evaluations as results
from services.courses.schemas import certificates as schemas
from services.courses.schemas.core import CourseId
from services.courses.schemas.parts import Paged
from shared.actor import system_actor
from shared.db.tx import Tx
from shared.messaging.bus import Call
from shared.messaging.entrypoints import command, command_unremembered, every, query
from shared.messaging.service import Service
from shared.wire import Schema, load

View = dict[str, Any]


class CertificateCalls(Service):
    """See the module's text."""

    @query
    def get_certificate_settings(self, tx: Tx, call: Call) -> View:
        return queries.get_certificate_settings(tx, load(CourseId(), call.payload)["course_id"])

    @command
    def set_certificate_settings(self, tx: Tx, call: Call) -> View:
        cmd = commands.SetCertificateSettings(**load(schemas.CertificateSettings(), call.payload))
        return commands.set_certificate_settings(tx, cmd)

    @query
    def get_my_certificate(self, tx: Tx, call: Call) -> View:
        return queries.get_my_certificate(tx, load(CourseId(), call.payload)["course_id"])

    @query
    def list_my_certificates(self, tx: Tx, call: Call) -> View:
        return queries.list_my_certificates(tx, load(Paged(), call.payload))

    @query
    def list_course_certificates(self, tx: Tx, call: Call) -> View:
        return queries.list_course_certificates(tx, load(schemas.CertificatesOfCourse(), call.payload))

    @command
    def issue_certificate(self, tx: Tx, call: Call) -> View:
        return commands.issue_certificate(tx, **load(schemas.IssueCertificate(), call.payload))

    @query
    def get_certificate(self, tx: Tx, call: Call) -> View:
        return queries.get_certificate(tx, load(schemas.CertificateCode(), call.payload)["code"])

    @query
    def check_certificate(self, tx: Tx, call: Call) -> View:
        return queries.check_certificate(tx, load(schemas.CertificateCode(), call.payload)["code"])

    @command
    def revoke_certificate(self, tx: Tx, call: Call) -> View:
        return commands.revoke_certificate(tx, **load(schemas.CertificateEnd(), call.payload))

    @command
    def reissue_certificate(self, tx: Tx, call: Call) -> View:
        return commands.reissue_certificate(tx, **load(schemas.CertificateId(), call.payload))

    @query
    def get_badge(self, tx: Tx, call: Call) -> View:
        data = load(schemas.Badge(), call.payload)
        return queries.get_badge(tx, data["code"], data["identity"], self.settings.main_origin)

    @query
    def badge_issuer(self, tx: Tx, call: Call) -> View:
        load(Schema(), call.payload)
        return queries.badge_issuer(tx, self.settings.main_origin)

    @query
    def badge_status(self, tx: Tx, call: Call) -> View:
        load(Schema(), call.payload)
        return queries.badge_status(tx, self.settings.main_origin)

    @query
    def get_evaluation(self, tx: Tx, call: Call) -> View:
        return results.get_evaluation(tx, **load(schemas.EvaluationPlace(), call.payload))

    @command_unremembered  # a remembered key would tie the person to the answer
    def answer_evaluation(self, tx: Tx, call: Call) -> View:
        cmd = evaluations.AnswerEvaluation(**load(schemas.EvaluationAnswers(), call.payload))
        return evaluations.answer_evaluation(tx, cmd)

    @query
    def evaluation_results(self, tx: Tx, call: Call) -> View:
        return results.evaluation_results(tx, load(CourseId(), call.payload)["course_id"])

    @every(minutes=60)
    def ask_follow_ups(self) -> None:
        more = True
        while more:
            with self.db.tx(system_actor(self.name)) as tx:
                more = evaluations.ask_due(tx) > 0
