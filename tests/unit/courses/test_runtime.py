from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import select
from web_fragments.fragment import Fragment
from webob import Response
from xblock.completable import CompletableXBlockMixin
from xblock.core import XBlock
from xblock.exceptions import NoSuchHandlerError, NoSuchServiceError, NoSuchUsage
from xblock.fields import BlockScope, Dict, Integer, List, Scope, String, UserScope
from xblock.plugin import PluginMissingError

from services.courses.players import blocks
from services.courses.players.xblock_runtime import (
    CercleRuntime,
    HandlerRequest,
    Published,
    Viewer,
    load_block,
    resources_of,
)
from services.courses.tables import items, xblock_definitions, xblock_fields, xblock_usages
from shared.actor import system_actor
from shared.errors import NotFound
from shared.ids import new_id
from tests.unit.courses.support import Desk, pair


@XBlock.needs("i18n")
@XBlock.wants("user", "somewhere-else")
class PollBlock(XBlock):  # type: ignore[misc]
    """A block as others publish them: a question, everyone's tally, one's own vote."""

    has_score = True

    question = String(default="?", scope=Scope.content)
    weight = Integer(default=1, scope=Scope.settings)
    vote = String(default=None, scope=Scope.user_state)
    tally = Dict(default={}, scope=Scope.user_state_summary)
    theme = String(default="plain", scope=Scope.preferences)
    nickname = String(default="", scope=Scope.user_info)
    history = List(default=[], scope=Scope.user_state)
    everywhere = Integer(default=0, scope=Scope(UserScope.NONE, BlockScope.ALL, name="everywhere"))

    def student_view(self, context: Any = None) -> Fragment:
        fragment = Fragment(f"<p>{self.question} {(context or {}).get('language')}</p>")
        fragment.add_css("p { color: inherit }")
        fragment.add_javascript_url(self.runtime.local_resource_url(self, "public/poll.js"))
        fragment.initialize_js("Poll", {"weight": self.weight})
        return fragment

    @XBlock.json_handler  # type: ignore[untyped-decorator]
    def answer(self, data: Any, suffix: str = "") -> Any:
        self.vote = data["vote"]
        self.tally[data["vote"]] = self.tally.get(data["vote"], 0) + 1
        self.history.append(data["vote"])
        self.runtime.publish(self, "grade", {"value": 3, "max_value": 4})
        self.runtime.publish(self, "poll.voted", {"suffix": suffix})
        return {"tally": self.tally}

    @XBlock.handler  # type: ignore[untyped-decorator]
    def plain(self, request: Any, suffix: str = "") -> Response:
        return Response(f"{request.method} {suffix} {request.GET.get('q')}", content_type="text/plain")


class BoxBlock(CompletableXBlockMixin, XBlock):  # type: ignore[misc]
    has_children = True

    def student_view(self, context: Any = None) -> Fragment:
        fragment = Fragment()
        for child in self.runtime.render_children(self, context=context):
            fragment.add_fragment_resources(child)
            fragment.add_content(child.body_html())
        return fragment


TOYS: dict[str, type[XBlock]] = {"poll": PollBlock, "box": BoxBlock}


class Bench:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @contextmanager
    def runtime(self, user: str | None = "ana", language: str = "fr") -> Iterator[CercleRuntime]:
        """A transaction of its own, so that nothing is remembered but what was stored."""
        with self.desk.service.db.tx(system_actor("courses")) as tx:
            yield CercleRuntime(tx.session, TOYS, Viewer(user, language))

    def make(self, block_type: str) -> Any:
        with self.runtime() as runtime:
            return runtime.create(block_type).scope_ids.usage_id


@pytest.fixture
def bench(desk: Desk) -> Bench:
    return Bench(desk)


VALUES = {
    "question": "Why?", "weight": 7, "vote": "yes", "tally": {"yes": 2}, "theme": "dark", "nickname": "A.",
    "everywhere": 9,
}  # fmt: skip


def test_field_of_every_scope_survives_and_delete_gives_the_default_back(bench: Bench) -> None:
    usage = bench.make("poll")
    with bench.runtime() as runtime:
        block = runtime.get_block(usage)
        for name, value in VALUES.items():
            setattr(block, name, value)
        block.save()
    with bench.runtime() as runtime:
        block = runtime.get_block(usage)
        assert {name: getattr(block, name) for name in VALUES} == VALUES
        for name in VALUES:
            block.fields[name].delete_from(block)
        block.save()
    with bench.runtime() as runtime:
        block = runtime.get_block(usage)
        assert {name: getattr(block, name) for name in VALUES} == {
            "question": "?", "weight": 1, "vote": None, "tally": {}, "theme": "plain", "nickname": "", "everywhere": 0,
        }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "other_user", "other_usage"),
    [
        ("question", True, False),
        ("weight", True, False),
        ("vote", False, False),
        ("tally", True, False),
        ("theme", False, True),
        ("nickname", False, True),
        ("everywhere", True, True),
    ],
)
def test_scope_decides_who_shares_a_value(
    bench: Bench, name: str, other_user: bool, other_usage: bool
) -> None:
    mine, second = bench.make("poll"), bench.make("poll")
    with bench.runtime("ana") as runtime:
        block = runtime.get_block(mine)
        setattr(block, name, VALUES[name])
        block.save()
    with bench.runtime("ben") as runtime:
        assert (getattr(runtime.get_block(mine), name) == VALUES[name]) is other_user
    with bench.runtime("ana") as runtime:
        assert (getattr(runtime.get_block(second), name) == VALUES[name]) is other_usage


def test_mutated_list_and_dict_are_stored(bench: Bench) -> None:
    usage = bench.make("poll")
    with bench.runtime() as runtime:
        block = runtime.get_block(usage)
        block.history.append("a")
        block.tally["a"] = 1
        block.save()
    with bench.runtime() as runtime:
        block = runtime.get_block(usage)
        assert (block.history, block.tally) == (["a"], {"a": 1})


def test_rolled_back_transaction_takes_the_fields_with_it(bench: Bench) -> None:
    usage = bench.make("poll")

    def change_and_fail() -> None:
        with bench.runtime() as runtime:
            block = runtime.get_block(usage)
            block.question = "Lost"
            block.save()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_and_fail()
    with bench.runtime() as runtime:
        assert runtime.get_block(usage).question == "?"


def test_children_and_parent_are_kept_in_order_and_rendered(bench: Bench) -> None:
    with bench.runtime() as runtime:
        box = runtime.create("box")
        for question in ("One", "Two"):
            child = runtime.create("poll")
            child.question = question
            runtime.add_child(box, child)
        usage = box.scope_ids.usage_id
    with bench.runtime() as runtime:
        box = runtime.get_block(usage)
        assert [child.question for child in box.get_children()] == ["One", "Two"]
        assert {child.get_parent().scope_ids.usage_id for child in box.get_children()} == {usage}
        html = runtime.render(box, "student_view", {"language": "fr"}).body_html()
        assert html.index("One fr") < html.index("Two fr")


def test_remove_takes_children_definitions_and_everyone_s_values(bench: Bench) -> None:
    with bench.runtime() as runtime:
        box, child = runtime.create("box"), runtime.create("poll")
        runtime.add_child(box, child)
        child.vote = "yes"
        child.save()
        usage = box.scope_ids.usage_id
    with bench.runtime() as runtime:
        runtime.remove(load_block(runtime, usage).scope_ids.usage_id)
    with bench.desk.service.db.engine.connect() as connection:
        for table in (xblock_usages, xblock_definitions, xblock_fields):
            assert connection.execute(select(table)).all() == []


def test_json_handler_changes_state_and_publishes(bench: Bench) -> None:
    usage = bench.make("poll")
    with bench.runtime() as runtime:
        response = runtime.call_handler(usage, "answer", HandlerRequest("x", body=json.dumps({"vote": "no"})))
        assert (response.status_int, json.loads(response.body)) == (200, {"tally": {"no": 1}})
        assert [(p.kind, dict(p.data)) for p in runtime.published] == [
            ("grade", {"value": 3, "max_value": 4}),
            ("poll.voted", {"suffix": "x"}),
        ]
        assert isinstance(runtime.published[0], Published)
    with bench.runtime("ben") as runtime:
        runtime.call_handler(usage, "answer", HandlerRequest(body=json.dumps({"vote": "no"})))
        assert runtime.get_block(usage).tally == {"no": 2}


@pytest.mark.parametrize(
    ("handler", "request_", "status", "body"),
    [
        ("plain", HandlerRequest("deep", "GET", "q=1"), 200, "GET deep 1"),
        ("answer", HandlerRequest(method="GET"), 405, None),
        ("answer", HandlerRequest(body="no json"), 400, None),
    ],
)
def test_handler_sees_method_suffix_and_query(
    bench: Bench, handler: str, request_: HandlerRequest, status: int, body: str | None
) -> None:
    usage = bench.make("poll")
    with bench.runtime() as runtime:
        response = runtime.call_handler(usage, handler, request_)
        assert response.status_int == status
        assert body is None or response.text == body


def test_only_handlers_can_be_called(bench: Bench) -> None:
    usage = bench.make("poll")
    for name in ("student_view", "save", "nothing"):
        with bench.runtime() as runtime, pytest.raises(NoSuchHandlerError):
            runtime.call_handler(usage, name, HandlerRequest())


def test_fragment_brings_html_and_resources(bench: Bench) -> None:
    usage = bench.make("poll")
    with bench.runtime() as runtime:
        fragment = runtime.render(runtime.get_block(usage), "student_view", {"language": "en"})
        assert fragment.body_html() == (
            '<div class="xblock xblock-poll xblock-student_view xblock-student_view-poll" '
            f'data-usage="{usage}" data-usage-id="{usage}" data-block-type="poll" data-init="Poll" '
            'data-runtime-version="1"><script type="json/xblock-args" class="xblock-json-init-args">{"weight": 1}'
            "</script><p>? en</p></div>"
        )
        assert [(r["kind"], r["data"]) for r in resources_of(fragment)] == [
            ("text", "p { color: inherit }"),
            ("url", "/xblocks/poll/public/poll.js"),
        ]


def test_urls_are_our_own_and_quoted(bench: Bench) -> None:
    usage = bench.make("poll")
    with bench.runtime() as runtime:
        block = runtime.get_block(usage)
        assert runtime.handler_url(block, "answer", "a b", "q=1") == (
            f"/activities/{usage}/handlers/answer/a%20b?q=1"
        )
        assert runtime.resource_url("x y.js") == "/static/xblock/x%20y.js"


def test_services_tell_language_and_role_but_no_name(bench: Bench) -> None:
    usage = bench.make("poll")
    with bench.runtime(language="en") as runtime:
        block = runtime.get_block(usage)
        user = runtime.service(block, "user").get_current_user()
        assert (user.opt_attrs["cercle.user_id"], user.opt_attrs["cercle.role"], user.full_name, user.emails) == (
            "ana", "learner", "", [""],
        )  # fmt: skip
        assert runtime.service(block, "i18n").language == "en"
        assert runtime.service(block, "i18n").ugettext("text") == "text"
        assert runtime.service(block, "somewhere-else") is None
        with pytest.raises(NoSuchServiceError):
            runtime.service(block, "never-declared")


def test_unknown_usages_and_types_are_refused(bench: Bench) -> None:
    with bench.runtime() as runtime:
        for usage in (str(new_id()), "nonsense"):
            with pytest.raises(NoSuchUsage):
                runtime.get_block(usage)
        with pytest.raises(NotFound):
            load_block(runtime, new_id())
        with pytest.raises(PluginMissingError):
            runtime.create("about")  # whatever else is installed


def test_olx_string_becomes_blocks(bench: Bench) -> None:
    with bench.runtime() as runtime:
        usage = runtime.parse_xml_string('<box><poll question="A?"/><poll question="B?"/></box>')
    with bench.runtime() as runtime:
        box = runtime.get_block(usage)
        assert [child.question for child in box.get_children()] == ["A?", "B?"]


def test_third_party_block_feeds_the_attempt_through_the_service(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(blocks.BLOCKS, "poll", PollBlock)
    course = desk.publish(desk.draft("text"))
    activity_id = course["activities"][0]
    with desk.service.db.engine.begin() as connection:
        connection.execute(xblock_definitions.update().values(block_type="poll"))
        connection.execute(items.update().where(items.c.kind == "activity").values(block_type="poll"))
    view = desk.ask(
        "call_handler",
        desk.learner,
        activity_id=activity_id,
        handler="answer",
        body=json.dumps({"vote": "yes"}),
    )
    assert (view["status"], json.loads(view["body"])) == (200, {"tally": {"yes": 1}})
    learner = desk.ask("roster", course_id=course["id"])["items"][0]
    assert (learner["score"], learner["progress"]) == (0.75, 1.0)
    for actor, handler in ((desk.learner, "student_view"), (desk.harness.actor("learner"), "answer")):
        with pytest.raises(NotFound):
            desk.ask("call_handler", actor, activity_id=activity_id, handler=handler)


def test_text_falls_back_to_the_other_half_and_says_so(desk: Desk) -> None:
    with desk.service.db.tx(system_actor("courses")) as tx:
        runtime = CercleRuntime(tx.session, blocks.BLOCKS)
        block = runtime.create("text")
        block.write({"fr": "Bonjour", "en": ""})
        assert block.student_view({"language": "en"}).body_html() == '<div lang="fr"><p>Bonjour</p>\n</div>'
        block.write(pair("Hi"))
        assert block.student_view({"language": "en"}).body_html() == "<p>Hi (en)</p>\n"


def test_file_view_escapes_what_authors_write(desk: Desk) -> None:
    with desk.service.db.tx(system_actor("courses")) as tx:
        block = CercleRuntime(tx.session, blocks.BLOCKS).create("file")
        assert block.student_view({}).body_html() == ""
        values = {
            "storage_key": "uploads/1",
            "filename": "a.png",
            "media_type": "image/png",
            "size": 1,
            "inline": True,
        }
        block.place(values, {"fr": '"><script>', "en": ""})
        url = f"/files/{block.scope_ids.usage_id}"
        assert block.student_view({"language": "fr"}).body_html() == (
            f'<figure class="activity-file"><img src="{url}" alt="&#34;&gt;&lt;script&gt;"></figure>'
        )
