"""Open answers: reading them, coding them two by two, comparing, settling, and the themes that come of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, jsonify, redirect, request

from gateway.context import INSTALL_SECONDS, call
from gateway.web.charts.model import to_csv
from gateway.web.field_links import Places, beside, summary_of
from gateway.web.pages import error_text, field_errors, flash, render, signed_in
from gateway.web.studio_forms import Form, pair_of, version_of
from gateway.web.survey_words import View, chosen, known_ids, names_of, say, score
from shared.errors import CercleError, Conflict, Invalid, NotFound

pages = Blueprint("pages_survey_coding", __name__)
pages.url_value_preprocessor(known_ids)
MEASURES = ("kappa", "alpha", "ac1", "percent")
SHOWN = 100
NEW_CODE = "code"
"""Where the form of a new code came back; that of a known code is named by its id."""


# --- reading


@pages.get("/surveys/<survey_id>/open-answers")
@signed_in
def questions(survey_id: str) -> Any:
    """Every question with written answers, and what can be done with each."""
    found = call("surveys", "list_open_questions", {"survey_id": survey_id})
    return render("coding/questions.html", found=found)


@pages.get("/surveys/<survey_id>/open-answers/<question>")
@signed_in
def read(survey_id: str, question: str) -> Any:
    """What people wrote to one question."""
    payload = {"survey_id": survey_id, "question": question, "limit": SHOWN}
    found = call("surveys", "list_open_answers", payload, cursor=request.args.get("cursor"))
    more = found["next_cursor"]
    place = f"/surveys/{survey_id}/open-answers/{quote(question)}"
    return render("coding/read.html", found=found, more=f"{place}?cursor={more}" if more else None)


@pages.get("/surveys/<survey_id>/open-answers/<question>/coding")
@signed_in
def ask_start(survey_id: str, question: str) -> Any:
    """Who is to code."""
    return _start(survey_id, question, Form())


def _start(survey_id: str, question: str, form: Form) -> Any:
    listed = call("surveys", "list_open_questions", {"survey_id": survey_id})
    found = next((one for one in listed["items"] if one["question"] == question), None)
    if found is None:
        raise NotFound
    return render(
        "coding/start.html", form.status, listed=listed, found=found, coders=_coders(), form=form,
        **_faults(form, _coder_places()),
    )  # fmt: skip


def _coder_places() -> Places:
    return {
        f"{place}_coder": (f"{place}_coder", say(f"coding.start.{place}")) for place in ("first", "second")
    }


def _faults(form: Form, places: Places) -> View:
    errors = field_errors(form.error) if form.error else {}
    return {"summary": summary_of(errors, places), "beside": beside(errors, places)}


def _coders() -> list[tuple[str, str]]:
    names = names_of(one["account_id"] for one in call("surveys", "list_coders")["items"])
    return sorted(names.items(), key=lambda pair: pair[1].casefold())


@pages.post("/surveys/<survey_id>/open-answers/<question>/coding")
@signed_in
def start(survey_id: str, question: str) -> Any:
    """Two coders are asked."""
    payload = {"survey_id": survey_id, "question": question, **_pair()}
    try:
        made = call("surveys", "start_coding", payload)
    except (Invalid, Conflict) as error:
        return _start(survey_id, question, Form("coders", error))
    return redirect(f"/codings/{made['id']}", 303)


def _pair() -> View:
    return {name: request.form.get(name) or None for name in ("first_coder", "second_coder")}


# --- one coding


@pages.get("/codings")
@signed_in
def mine() -> Any:
    """Codings that wait for the reader, and for those who lead every one."""
    found = call("surveys", "list_codings", {"limit": 50}, cursor=request.args.get("cursor"))
    more = found["next_cursor"]
    return render("coding/mine.html", items=found["items"], more=f"/codings?cursor={more}" if more else None)


@pages.get("/codings/<coding_id>")
@signed_in
def coding(coding_id: str) -> Any:
    """The code book, how far the two are, and their agreement once both have finished."""
    return _coding(coding_id, Form())


def _coding(coding_id: str, form: Form) -> Any:
    found = call("surveys", "get_coding", {"coding_id": coding_id})
    changes = call("surveys", "list_code_changes", {"coding_id": coding_id})["items"]
    people = [one["account_id"] for one in found["coders"]] + [one["made_by"] for one in changes]
    live = [code for code in found["codes"] if code["status"] == "live"]
    return render(
        "coding/coding.html", form.status, coding=found, live=live, names=names_of(people), changes=changes, form=form,
        ended=[code for code in found["codes"] if code["status"] != "live"], agreement=agreement_rows(found),
        coders=_coders() if found["can"]["lead"] and not found["agreement"] else [], **_faults(form, _places(form.at)),
    )  # fmt: skip


def _places(at: str) -> Places:
    """The fields of the form that was sent: of the coders, of a new code, or of a code, by its id."""
    ends = "" if at == NEW_CODE else f"-{at}"
    return {
        **_coder_places(),
        "label": (f"label{ends}_", say("coding.book.label")),
        "definition": (f"definition{ends}_", say("coding.book.definition")),
        "into": (f"into{ends}", say("coding.book.merge")),
    }


def agreement_rows(found: View) -> list[View]:
    """Agreement code by code, then over all, in words; empty while somebody is still coding."""
    agreement = found["agreement"]
    if agreement is None:
        return []
    labels = {code["id"]: chosen(code["label"]) for code in found["codes"]}
    return [
        {"label": labels.get(row["code"], say("coding.agreement.all")), "row": row, "notes": row["notes"],
         "figures": [figure_text(name, row[name]) for name in MEASURES]}
        for row in (*agreement["codes"], agreement["overall"])
    ]  # fmt: skip


def figure_text(name: str, figure: View) -> str:
    """`0,82 (0,61 à 0,95)`; the percentage as such; a dash where there is nothing to measure."""
    if figure["value"] is None:
        return "–"
    values = [figure[part] for part in ("value", "low", "high")]
    factor = 100 if name == "percent" else 1
    shown = [score("rds" if factor > 1 else "", None if one is None else one * factor) for one in values]
    if figure["low"] is None:
        return shown[0]
    return say("coding.agreement.figure", value=shown[0], low=shown[1], high=shown[2])


@pages.post("/codings/<coding_id>/coders")
@signed_in
def assign(coding_id: str) -> Any:
    """Another coder."""
    return _done("assign_coders", coding_id, "coders", version=version_of(), **_pair())


@pages.post("/codings/<coding_id>/codes")
@signed_in
def add_code(coding_id: str) -> Any:
    """A new code."""
    return _done("add_code", coding_id, NEW_CODE, label=pair_of("label"), definition=pair_of("definition"))


@pages.post("/codings/<coding_id>/codes/<code_id>")
@signed_in
def change_code(coding_id: str, code_id: str) -> Any:
    """Other words, another code in its place, or no longer offered: as the button says."""
    action = request.form.get("do")
    if action == "merge":
        return _done("merge_code", coding_id, code_id, code_id=code_id, into=request.form.get("into") or None)
    if action == "retire":
        return _done("retire_code", coding_id, code_id, code_id=code_id)
    words = {"label": pair_of("label"), "definition": pair_of("definition")}
    return _done("edit_code", coding_id, code_id, code_id=code_id, **words)


@pages.post("/codings/<coding_id>/finish")
@signed_in
def finish(coding_id: str) -> Any:
    """The reader has coded everything, or goes on after all."""
    return _done("finish_coding", coding_id, "finish", finished=request.form.get("finished") == "1")


@pages.post("/codings/<coding_id>/complete")
@signed_in
def complete(coding_id: str) -> Any:
    """The themes join the results."""
    return _done("complete_coding", coding_id, "complete")


def _done(method: str, coding_id: str, at: str, **payload: Any) -> Any:
    """Call, and go back to the coding; a refusal is shown where it belongs."""
    try:
        call("surveys", method, {"coding_id": coding_id}, timeout=INSTALL_SECONDS, **payload)
    except (Invalid, Conflict) as error:
        return _coding(coding_id, Form(at, error))
    flash("success", f"coding.done.{method}")
    return redirect(f"/codings/{coding_id}", 303)


# --- coding


@pages.get("/codings/<coding_id>/code")
@signed_in
def code(coding_id: str) -> Any:
    """One answer and the codes: the one asked for, or the first without any."""
    return _code(coding_id, request.args.get("number", type=int))


def _code(coding_id: str, number: int | None, problem: str | None = None) -> Any:
    found = call("surveys", "get_coding", {"coding_id": coding_id})
    payload = {"coding_id": coding_id, "limit": 1}
    if number is None:
        number = call("surveys", "list_answers_to_code", payload)["next_uncoded"] or 1
    page = call("surveys", "list_answers_to_code", payload, number=max(1, number))
    if not page["items"]:
        raise NotFound
    live = [one for one in found["codes"] if one["status"] == "live"]
    return render("coding/code.html", 409 if problem else 200, coding=found, page=page, answer=page["items"][0],
                  live=live, problem=problem)  # fmt: skip


@pages.post("/codings/<coding_id>/code/<answer_id>")
@signed_in
def mark(coding_id: str, answer_id: str) -> Any:
    """Save the codes of one answer, by the script as they are chosen, or by a button that goes on."""
    codes, nothing = request.form.getlist("codes"), request.form.get("nothing") == "1"
    payload = {"coding_id": coding_id, "answer_id": answer_id, "codes": codes, "nothing": nothing}
    number = request.form.get("number", 1, type=int)
    try:
        found = call("surveys", "mark_answer", payload)
    except (Invalid, Conflict) as error:
        if _is_script():
            return jsonify({"problem": error_text(error)}), error.status
        return _code(coding_id, number, _said(error))
    if _is_script():
        shown = say("coding.progress", done=found["coded"], total=found["total"])
        return jsonify({"progress": found["coded"] / found["total"], "shown": shown})
    step = {"next": 1, "previous": -1}.get(request.form.get("go", ""), 0)
    wanted = number + step
    if wanted > found["total"]:
        return redirect(f"/codings/{coding_id}", 303)
    return redirect(f"/codings/{coding_id}/code?number={max(1, wanted)}", 303)


def _is_script() -> bool:
    return request.headers.get("X-Requested-With") == "fetch"


def _said(error: CercleError) -> str:
    return " ".join([error_text(error), *(one["text"] for one in Form("mark", error).summary)])


# --- settling


@pages.get("/codings/<coding_id>/disagreements")
@signed_in
def disagreements(coding_id: str) -> Any:
    """What the two differ on, side by side, each with its decision."""
    return _disagreements(coding_id, Form())


def _disagreements(coding_id: str, form: Form, typed: View | None = None) -> Any:
    found = call("surveys", "get_coding", {"coding_id": coding_id})
    page = call("surveys", "list_disagreements", {"coding_id": coding_id, "limit": 50},
                cursor=request.args.get("cursor"))  # fmt: skip
    more = page["next_cursor"]
    names = names_of([*(one["account_id"] for one in found["coders"]),
                      *(one["decision"]["decided_by"] for one in page["items"] if one["decision"])])  # fmt: skip
    return render(
        "coding/disagreements.html", form.status, coding=found, page=page, names=names, form=form, typed=typed,
        labels={one["id"]: chosen(one["label"]) for one in found["codes"]},
        live=[one for one in found["codes"] if one["status"] == "live"],
        more=f"/codings/{coding_id}/disagreements?cursor={more}" if more else None,
    )  # fmt: skip


@pages.post("/codings/<coding_id>/disagreements/<answer_id>")
@signed_in
def decide(coding_id: str, answer_id: str) -> Any:
    """Settle one."""
    payload = {
        "coding_id": coding_id, "answer_id": answer_id, "codes": request.form.getlist("codes"),
        "nothing": request.form.get("nothing") == "1", "reason": request.form.get("reason", ""),
    }  # fmt: skip
    try:
        call("surveys", "decide_answer", payload)
    except (Invalid, Conflict) as error:
        return _disagreements(coding_id, Form(answer_id, error), payload)
    return redirect(f"/codings/{coding_id}/disagreements#answer-{answer_id}", 303)


# --- themes


@pages.get("/surveys/<survey_id>/themes")
@signed_in
def themes(survey_id: str) -> Any:
    """How many people stand behind each theme, question by question."""
    found = call("surveys", "get_themes", {"survey_id": survey_id})
    shown = [one | {"reliability": _reliability(one["agreement"])} for one in found["questions"]]
    return render("coding/themes.html", found=found, questions=shown)


def _reliability(agreement: View | None) -> str | None:
    if agreement is None:
        return None
    figures = {name: figure_text(name, agreement[name]) for name in ("alpha", "percent")}
    return say("coding.themes.agreement", alpha=figures["alpha"], percent=figures["percent"])


@pages.get("/surveys/<survey_id>/themes.csv")
@signed_in
def themes_csv(survey_id: str) -> Any:
    """The same as a file."""
    found = call("surveys", "get_themes", {"survey_id": survey_id})
    few = say("coding.themes.few", minimum=found["threshold"])
    heads = [say(f"coding.themes.head.{name}") for name in ("question", "theme", "people", "of")]
    rows = [
        [chosen(one["text"]), chosen(theme["label"]), few if theme["n"] is None else theme["n"], one["n"]]
        for one in found["questions"]
        for theme in one["themes"]
    ]
    headers = {"Content-Disposition": f'attachment; filename="cercle-themes-{survey_id[:8]}.csv"'}
    return Response(to_csv(heads, rows), mimetype="text/csv", headers=headers)
