"""Words and figures of follow-up waves and verdicts, for the loop page, the board and the decisions."""

from __future__ import annotations

from typing import Any

from gateway.context import current
from shared import i18n

View = dict[str, Any]
WAVES = ("before", "after", "30-days", "90-days")


def say(key: str, **params: Any) -> str:
    """A text in the reader's language."""
    return i18n.text(current().language, key, **params)


def points(value: float | None, digits: int = 2) -> str:
    """A number of points; a real minus sign; a dash for none."""
    if value is None:
        return "–"
    return i18n.number(current().language, round(value, digits) + 0.0, digits).replace("-", "−")


def signed(value: float | None, digits: int = 2) -> str:
    """The same with its sign."""
    text = points(value, digits)
    return f"+{text}" if value is not None and round(value, digits) > 0 else text


def share(value: float | None) -> str:
    """Whole per cent; a dash for none."""
    return "–" if value is None else i18n.percent(current().language, value)


def count(shown: View) -> str:
    """A Count as a number, or "< 5"."""
    return (
        str(shown["value"])
        if shown["value"] is not None
        else say("surveys.figure.fewer", count=shown["fewer_than"])
    )


def waves_of(loop: View) -> list[View]:
    """One row a wave, its figures formatted; `measure` None where there is nothing to show."""
    return [
        {
            "wave": wave["wave"], "name": say(f"proof.wave.{wave['wave']}"), "asked": count(wave["asked"]),
            "answered": count(wave["answered"]), "rate": share(wave["rate"]), "measure": measure_of(wave["measure"], wave["wave"]),
        }
        for wave in loop["follow_up"]["waves"]
    ]  # fmt: skip


def measure_of(found: View | None, wave: str) -> View | None:
    """A measured wave in words; `levels` False where the change stands alone."""
    if found is None:
        return None
    gap, effect, shift = found["gap"], found["effect"], found["shift"]
    levels = gap["before"] is not None
    told = {"wave": say(f"proof.wave.{wave}"), "change": signed(gap["change"])}
    ends = {"before": points(gap["before"]), "after": points(gap["after"])} if levels else {}
    return {
        "levels": levels, "said": say("proof.met.said" if levels else "proof.met.changed", **told, **ends),
        "n": found["n"], "before": points(gap["before"]), "after": points(gap["after"]),
        "change": signed(gap["change"]),
        "interval": say("surveys.figure.interval", low=signed(gap["low"]), high=signed(gap["high"])),
        "g": signed(effect["g"]) if effect else "–", "raw": gap, "indicative": found["indicative"],
        "sha": found["manifest"]["data_sha256"][:16], "seed": found["manifest"]["seed"],
        "shift": {name: {"value": signed(shift[name]["value"]), "interval": say(
            "surveys.figure.interval", low=signed(shift[name]["low"]), high=signed(shift[name]["high"]))}
            for name in ("observed", "adjusted", "shift")} | {"n": shift["n"]} if shift else None,
    }  # fmt: skip


def newest(loop: View) -> View | None:
    """The last measured wave, in words with its name."""
    measured = [row for row in waves_of(loop) if row["measure"]]
    return measured[-1] if measured else None


def met_text(loop: View) -> str | None:
    """The last step of the ribbon: the verdict with its change, or the newest change before there is a verdict."""
    follow_up = loop["follow_up"]
    said, found = follow_up["verdict"], newest(loop)
    if said is not None:
        figures = said["figures"]
        name = say(f"surveys.status.{said['verdict']}")
        return f"{name} ({signed(figures['change'])})" if figures else name
    return say("proof.ribbon.change", change=found["measure"]["change"]) if found else None


def rows_for_csv(loop: View) -> list[list[Any]]:
    """Every wave with its figures, raw."""
    out: list[list[Any]] = []
    for wave in loop["follow_up"]["waves"]:
        found = wave["measure"] or {}
        gap, effect, shift = found.get("gap") or {}, found.get("effect") or {}, found.get("shift") or {}
        out.append([
            wave["wave"], *(cell(wave[name]) for name in ("asked", "answered")), blank(wave["rate"]),
            *(blank(value) for value in (
                found.get("n"), gap.get("before"), gap.get("after"), gap.get("change"), gap.get("low"),
                gap.get("high"), effect.get("g"), *((shift.get(name) or {}).get("value") for name in
                                                    ("observed", "adjusted", "shift")))),
        ])  # fmt: skip
    return out


CSV_HEAD = (
    "wave", "asked", "answered", "rate", "n_pairs", "gap_before", "gap_after", "change", "ci_low", "ci_high",
    "hedges_g", "ability_observed", "ability_adjusted", "response_shift",
)  # fmt: skip


def cell(shown: View) -> Any:
    """A Count in a file: the number, or "<5"."""
    return shown["value"] if shown["value"] is not None else f"<{shown['fewer_than']}"


def blank(value: Any) -> Any:
    """Nothing where there is no figure."""
    return "" if value is None else value
