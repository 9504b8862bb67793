"""Run the whole suite in two stages, and stop after the first stage that fails.

1. unit and contract tests, in two processes;
2. what needs a server, a browser or a kill (markers distributed, postgres, e2e, chaos), in two processes as well, each
   with a private broker and a private database: most of that time is waiting.

The last line is pytest's own summary of the last stage that ran. Arguments go to both stages.
"""

import subprocess
import sys
from pathlib import Path

from shared.testing.stages import FOLDERS, HEAVY

ROOT = Path(__file__).resolve().parent.parent
ANY = " or ".join(HEAVY)
TWO = ["-n", "2", "--dist", "loadfile"]
NO_TESTS = 5


def stages() -> list[tuple[str, list[str]]]:
    """Titles and arguments of both."""
    named = any((ROOT / word.partition("::")[0]).exists() for word in sys.argv[1:])
    # In the given order, which begins with the products; by itself xdist begins with the files that hold most tests.
    heavy = ["-m", ANY, *TWO, "--no-loadscope-reorder", *(() if named else FOLDERS)]
    light = ["-m", f"not ({ANY})", *TWO]
    return [("unit and contract tests", light), ("servers, browser and chaos", heavy)]


def run_stage(title: str, arguments: list[str]) -> int:
    print(f"--- {title}", flush=True)
    command = [sys.executable, "-m", "pytest", "-q", *arguments, *sys.argv[1:]]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def main() -> int:
    codes = []
    for title, arguments in stages():
        code = run_stage(title, arguments)
        if code not in (0, NO_TESTS):
            return code
        codes.append(code)
    return NO_TESTS if set(codes) == {NO_TESTS} else 0


if __name__ == "__main__":
    sys.exit(main())
