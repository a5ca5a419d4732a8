"""Columns reach the database and come back as they are."""

import numpy as np
import pytest

from gateway.store.arrays import read_arrays, text_array
from gateway.store.database import connect


@pytest.mark.parametrize("kind", ["int32", "int64", "float32", "float64"])
def test_numbers_go_there_and_back(database, kind):
    there = np.array([-3, 0, 7, 2_000_000_000], kind)
    with connect(database) as conn:
        (back,) = read_arrays(conn).execute("SELECT %s", (there,)).fetchone()
        (none,) = read_arrays(conn).execute("SELECT %s", (there[:0],)).fetchone()
    assert (back.dtype, back.tolist()) == (there.dtype, there.tolist())
    assert (none.dtype, len(none)) == (there.dtype, 0)


@pytest.mark.parametrize("texts", [[], [""], ["u1", 'a"b', "c\\d", "{e,f}", "NULL", " g ", "春", ""]])
def test_texts_arrive_as_they_are(database, texts):
    with connect(database) as conn:
        assert conn.execute("SELECT %s::text[]", (text_array(texts),)).fetchone()[0] == texts
