"""SQLite writers of one process take turns."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path

from sqlalchemy.exc import IntegrityError

from shared.db.engine import make_engine


def test_writers_of_a_file_queue_and_give_their_turn_back_after_a_failure(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'queue.sqlite'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE numbers (n INTEGER PRIMARY KEY)")

    def write(start: int) -> None:
        for n in range(start, start + 20):
            with suppress(IntegrityError), engine.begin() as connection:
                connection.exec_driver_sql(f"INSERT INTO numbers VALUES ({n})")
                connection.exec_driver_sql("INSERT INTO numbers VALUES (0)" if n % 2 else "SELECT 1")

    writers = [threading.Thread(target=write, args=(100 * number,), daemon=True) for number in range(1, 9)]
    for writer in writers:
        writer.start()
    for writer in writers:
        # A turn that was not given back costs ten seconds, each time.
        writer.join(8)
    assert not any(writer.is_alive() for writer in writers)
    with engine.connect() as connection:
        # The first odd number of all takes the 0; of the others only the even ones stay.
        assert connection.exec_driver_sql("SELECT count(*) FROM numbers").scalar() == 8 * 10 + 2
    engine.dispose()
