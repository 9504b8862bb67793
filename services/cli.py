"""Commands that need services' pure code and nothing else: no database, no network, no running Cercle.

A composition root: it alone may bring several services together, and nothing imports it but the `cercle` command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import click

from services.command.words import Refusal, end, reader_language, say, say_json

# A command imports what it needs when it runs, so that `cercle --help` never waits for NumPy.
Command = TypeVar("Command", bound=Callable[..., Any])
SHARE = click.FloatRange(0, 1)


def _answers(command: Command) -> Command:
    """The two options that every command here has."""
    as_json = click.option("--json", "as_json", is_flag=True, help="JSON, for programs. / Pour un programme.")
    language = click.option(
        "--language", type=click.Choice(["fr", "en"]), help="Default: LC_ALL, LC_MESSAGES, LANG, then fr."
    )
    return as_json(language(command))


def _resampling(seed: dict[str, Any]) -> Callable[[Command], Command]:
    """Options of an analysis that draws: `seed` holds what click is told of --seed."""

    def decorate(command: Command) -> Command:
        options = (
            click.option(
                "--seed", type=click.IntRange(0), help="Seed of the draws. / Germe des tirages.", **seed
            ),
            click.option("--resamples", type=click.IntRange(2000, 100_000), default=2000, show_default=True),
            click.option(
                "--top-k", type=click.IntRange(1), default=3, show_default=True, help="k of P(top k)."
            ),
        )
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def _finish(language: str, *, as_json: bool, work: Callable[[], tuple[Any, Iterable[str]]]) -> None:
    """Run `work`, which gives the JSON value and the report, print one of them, and end with its status."""
    try:
        value, lines = work()
    except Refusal as refusal:
        raise click.exceptions.Exit(end(refusal, language, as_json=as_json)) from refusal
    if as_json:
        say_json(value)
        return
    for line in lines:
        say(line)


@click.group()
def h5p() -> None:
    """H5P packages. / Paquets H5P."""


@h5p.command("check")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
)
@_answers
@click.option("--explain", is_flag=True, help="A sentence for every problem. / Une phrase par problème.")
@click.option(
    "--library-only", is_flag=True, help="Accept libraries without content. / Accepter sans contenu."
)
def check(
    *, files: tuple[Path, ...], as_json: bool, language: str | None, explain: bool, library_only: bool
) -> None:
    """Check packages: one line each, with every problem found. Status 1 if any is refused.

    Vérifie des paquets : une ligne par fichier, avec chaque problème. Code 1 si l’un est refusé.
    """
    from services.command.h5p_check import Options, check_files  # noqa: PLC0415 help stays quick

    options = Options(reader_language(language), as_json, explain, library_only)
    raise click.exceptions.Exit(check_files(files, options))


_var = click.option(
    "--var", type=click.Path(path_type=Path), default=None, help="Folder of the data. / Dossier des données."
)


@h5p.command("import")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
)
@click.option(
    "--unit", default=None, metavar="ID", help="Make an activity of each file at the end of this unit."
)
@_answers
@_var
def import_(
    *, files: tuple[Path, ...], unit: str | None, as_json: bool, language: str | None, var: Path | None
) -> None:
    """Install the libraries of packages; with --unit, also their contents. Status 1 if any is refused.

    Installe les bibliothèques de paquets; avec --unit, aussi leurs contenus. Code 1 si l’un est refusé.
    """
    from services.command.h5p_store import import_files  # noqa: PLC0415 help stays quick
    from services.command.installation import Place  # noqa: PLC0415

    place = Place(reader_language(language), as_json, var)
    raise click.exceptions.Exit(import_files(place, files, unit))


@h5p.command("export")
@click.argument("content", metavar="ID")
@click.option(
    "-o", "--output", required=True, type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="File to write. / Fichier à écrire.",
)  # fmt: skip
@_answers
@_var
def export(*, content: str, output: Path, as_json: bool, language: str | None, var: Path | None) -> None:
    """Write the .h5p of a content, or of the activity with this id.

    Écrit le fichier .h5p d’un contenu, ou de l’activité qui a cet identifiant.
    """
    from services.command.h5p_store import export as write  # noqa: PLC0415
    from services.command.installation import Place  # noqa: PLC0415 help stays quick

    raise click.exceptions.Exit(write(Place(reader_language(language), as_json, var), content, output))


@h5p.command("upgrade")
@click.argument("library", required=False, metavar="[LIBRARY]")
@click.option(
    "--dry-run", is_flag=True, help="Run every step, write no content. / Tout essayer, ne rien écrire."
)
@click.option("--resume", is_flag=True, help="Go on with an interrupted run. / Reprendre une mise à niveau.")
@_answers
@_var
def upgrade(
    *, library: str | None, dry_run: bool, resume: bool, as_json: bool, language: str | None, var: Path | None
) -> None:
    """Upgrade the drafts' contents to the newest installed versions, of one content type (H5P.Name) or of all.

    Met à niveau les contenus des ébauches, d’un type de contenu (H5P.Nom) ou de tous. Code 1 si l’un échoue.
    """
    from services.command.h5p_upgrade import upgrade as run  # noqa: PLC0415
    from services.command.installation import Place  # noqa: PLC0415 help stays quick

    place = Place(reader_language(language), as_json, var)
    raise click.exceptions.Exit(run(place, library, dry_run=dry_run, resume=resume))


@h5p.command("libraries")
@_answers
@_var
def libraries(*, as_json: bool, language: str | None, var: Path | None) -> None:
    """List the installed libraries: version, contents that use each, libraries that need it.

    Énumère les bibliothèques installées : version, contenus qui les utilisent, bibliothèques qui en ont besoin.
    """
    from services.command.h5p_store import libraries as show  # noqa: PLC0415
    from services.command.installation import Place  # noqa: PLC0415 help stays quick

    raise click.exceptions.Exit(show(Place(reader_language(language), as_json, var)))


@click.group()
def olx() -> None:
    """Courses as OLX archives, the format of Open edX. / Cours en archives OLX, le format d’Open edX."""


@olx.command("import")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
)
@click.option(
    "--course-language",
    type=click.Choice(["fr", "en"]),
    help="Of a course that does not say it. / D’un cours qui ne la dit pas.",
)
@_answers
@_var
def olx_import(
    *,
    files: tuple[Path, ...],
    course_language: str | None,
    as_json: bool,
    language: str | None,
    var: Path | None,
) -> None:
    """Make a draft of each archive, for any trainer to take on. Status 1 if any is refused.

    Fait une ébauche de chaque archive, que l’équipe de formation peut prendre en charge. Code 1 si l’une est refusée.
    """
    from services.command.installation import Place  # noqa: PLC0415 help stays quick
    from services.command.olx import import_files as run  # noqa: PLC0415

    raise click.exceptions.Exit(run(Place(reader_language(language), as_json, var), files, course_language))


@olx.command("export")
@click.argument("course", metavar="COURSE_ID")
@click.option(
    "-o", "--output", required=True, type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="File to write. / Fichier à écrire.",
)  # fmt: skip
@_answers
@_var
def olx_export(*, course: str, output: Path, as_json: bool, language: str | None, var: Path | None) -> None:
    """Write the draft of a course as a tar.gz; the same draft gives the same bytes.

    Écrit l’ébauche d’un cours en tar.gz; la même ébauche donne les mêmes octets.
    """
    from services.command.installation import Place  # noqa: PLC0415 help stays quick
    from services.command.olx import export as run  # noqa: PLC0415

    raise click.exceptions.Exit(run(Place(reader_language(language), as_json, var), course, output))


@click.group()
def needs() -> None:
    """Analysis of needs from CSV files. / Analyse des besoins à partir de fichiers CSV."""


@needs.command("analyse")
@click.argument("ratings", type=click.File("rb"))
@_resampling({"required": True})
@_answers
@click.option("--by", metavar="COLUMN", help="Group column. / Colonne de groupes.")
@click.option(
    "--weights",
    type=click.File("rb"),
    metavar="MARGINS.csv",
    help="Weigh to margins: variable, label, share. / Pondérer selon des marges.",
)
@click.option("--waves", is_flag=True, help="Column wave: change of the same people. / Colonne wave.")
@click.option("--scale", type=click.IntRange(2, 100), default=5, show_default=True, help="Highest point.")
@click.option(
    "--cut-rule",
    type=click.Choice(["grand-mean", "median", "midpoint"]),
    default="grand-mean",
    show_default=True,
    help="Cut lines of the quadrants. / Lignes des quadrants.",
)
def analyse(
    *, ratings: BinaryIO, as_json: bool, language: str | None, weights: BinaryIO | None, **settings: Any
) -> None:
    """Rank needs by every method. Columns: respondent, item, importance, ability, and groups.

    Classe les besoins selon chaque méthode. Colonnes : respondent, item, importance, ability, et des groupes.
    """
    from services.command.needs import Settings, run, to_json  # noqa: PLC0415 help stays quick
    from services.command.needs_sheet import read_margins, read_sheet  # noqa: PLC0415
    from services.command.needs_text import Report  # noqa: PLC0415

    reader = reader_language(language)

    def work() -> tuple[Any, Iterable[str]]:
        chosen = Settings(**settings, margins=read_margins(weights) if weights else None)
        sheet = read_sheet(ratings, chosen.scale, chosen.group_columns, waves=chosen.waves)
        found = run(sheet, chosen)
        return to_json(found, chosen), Report(reader).lines(found)

    _finish(reader, as_json=as_json, work=work)


@needs.command("delphi")
@click.argument("ratings", type=click.File("rb"))
@_answers
@click.option(
    "--round-column", default="round", show_default=True, help="Column of the round. / Colonne du tour."
)
@click.option("--scale", type=click.IntRange(2, 100), default=9, show_default=True, help="Highest point.")
@click.option("--band", type=(int, int), help="Points of agreement; default: the top third (7 9 on 1 to 9).")
@click.option("--agreement", type=SHARE, default=0.75, show_default=True, help="Least share in the band.")
@click.option(
    "--iqr", type=click.FloatRange(0), help="Greatest IQR; default: a quarter of the range (2 on 1 to 9)."
)
@click.option("--moved", type=SHARE, default=0.15, show_default=True, help="Fewer than this share moved.")
@click.option("--concordance", type=SHARE, default=0.7, show_default=True, help="Kendall's W that stops.")
@click.option("--gain", type=SHARE, default=0.05, show_default=True, help="Change of W below which it stops.")
@click.option("--rounds", type=click.IntRange(1, 99), default=3, show_default=True, help="Last round.")
@click.option(
    "--convention", type=click.Choice(["type7", "type6", "hazen"]), default="type7", show_default=True
)
def delphi(
    *, ratings: BinaryIO, as_json: bool, language: str | None, round_column: str, scale: int, **rule: Any
) -> None:
    """Judge Delphi rounds by a stop rule. Columns: respondent, item, round, rating.

    Juge les tours d’un Delphi selon une règle d’arrêt. Colonnes : respondent, item, round, rating.
    """
    from services.command.delphi import judge, read_panel, rule_of, to_json  # noqa: PLC0415 help stays quick
    from services.command.delphi import report as lines_of  # noqa: PLC0415

    reader = reader_language(language)

    def work() -> tuple[Any, Iterable[str]]:
        found = judge(read_panel(ratings, round_column, scale), rule_of(scale, rule))
        return to_json(found, round_column), lines_of(found, reader)

    _finish(reader, as_json=as_json, work=work)


@needs.command("maxdiff")
@click.argument("choices", type=click.File("rb"))
@_resampling({"default": 1, "show_default": True})
@_answers
def maxdiff(*, choices: BinaryIO, as_json: bool, language: str | None, **drawing: Any) -> None:
    """Score best and worst choices. Columns: respondent, set, item, best, worst (1 or 0).

    Calcule les scores de choix extrêmes. Colonnes : respondent, set, item, best, worst (1 ou 0).
    """
    from services.command.maxdiff import read_ballots, score, to_json  # noqa: PLC0415 help stays quick
    from services.command.maxdiff import report as lines_of  # noqa: PLC0415

    reader = reader_language(language)

    def work() -> tuple[Any, Iterable[str]]:
        ballots = read_ballots(choices)
        found = score(ballots, **drawing)
        value = to_json(found, ballots.unanswered, drawing)
        return value, lines_of(found, ballots.unanswered, reader)

    _finish(reader, as_json=as_json, work=work)


@click.group("report")
def reports() -> None:
    """Figures that can be checked. / Chiffres vérifiables."""


@reports.command("verify")
@click.argument("wanted", metavar="ID|FILE", required=False)
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Every figure that is stored here. / Tous les chiffres conservés ici.",
)
@click.option(
    "--data",
    type=click.File("rb"),
    metavar="DATA.csv",
    help="Data of a report of `cercle needs … --json`. / Données d’un rapport de `cercle needs … --json`.",
)
@_answers
@_var
def verify(
    *,
    wanted: str | None,
    everything: bool,
    data: BinaryIO | None,
    as_json: bool,
    language: str | None,
    var: Path | None,
) -> None:
    """Rebuild the stored figures of a survey, a panel, a need, or of a report's file, bit for bit. Status 1 if any differs.

    Refait, bit pour bit, les chiffres conservés d’un sondage, d’un panel, d’un besoin ou d’un fichier. Code 1 si l’un
    diffère.
    """
    from services.command.installation import Place  # noqa: PLC0415 help stays quick
    from services.command.report_verify import verify as run  # noqa: PLC0415
    from services.command.report_verify import verify_all  # noqa: PLC0415

    if (wanted is None) != everything:
        raise click.UsageError("ID|FILE or --all. / ID|FILE ou --all.")
    place = Place(reader_language(language), as_json, var)
    raise click.exceptions.Exit(run(place, wanted, data) if wanted is not None else verify_all(place))
