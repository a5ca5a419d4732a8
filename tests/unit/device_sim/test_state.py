import json
from dataclasses import replace

import pytest

from device_sim.errors import BadParameterError, WorldFileError
from device_sim.fates import Fate
from device_sim.state import load_plan, save_plan


def test_a_plan_comes_back_as_it_was(plan, tmp_path):
    plan = replace(
        plan,
        dialects=(("facesluice", 0.5),),
        own_rates=((Fate.LEAK, 0.01),),
        disguise=2,
        lookalike_rate=2.0,
        pseudonyms=False,
    )
    save_plan(tmp_path, plan)
    assert load_plan(tmp_path) == plan


def test_a_folder_without_a_world_is_named(tmp_path):
    with pytest.raises(WorldFileError, match="no world here"):
        load_plan(tmp_path)


@pytest.mark.parametrize("text", ["{", "{}", "[]", '{"version": 2, "end": 5}'])
def test_a_spoilt_world_file_is_named(tmp_path, text):
    (tmp_path / "sim").mkdir()
    (tmp_path / "sim/world.json").write_text(text, "utf-8")
    with pytest.raises(WorldFileError, match=r"world\.json: not a world file"):
        load_plan(tmp_path)


def test_worlds_of_other_versions_and_impossible_ones_are_refused(plan, tmp_path):
    save_plan(tmp_path, plan)
    path = tmp_path / "sim/world.json"
    content = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(content | {"version": 1}), "utf-8")
    with pytest.raises(WorldFileError, match="version 1"):
        load_plan(tmp_path)
    path.write_text(json.dumps(content | {"units": 0}), "utf-8")
    with pytest.raises(BadParameterError, match="--units"):
        load_plan(tmp_path)
