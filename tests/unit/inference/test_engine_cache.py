"""An engine is loaded as it was compiled here, or not at all."""

from contextlib import suppress
from itertools import combinations

import pytest

from edge_app.inference.engine_cache import EngineCache
from edge_app.inference.providers import Tuning

TUNING = Tuning()


def compiled(root, machine="driver 1", model="a" * 64, provider="tensorrt", tuning=TUNING):
    """Return the folder and whether the engine had to be built anew."""
    with EngineCache(root, machine).folder(model, provider, tuning) as place:
        is_new = not (place / "engine").exists()
        if is_new:
            (place / "engine").write_bytes(b"compiled")
    return place, is_new


def test_an_engine_is_built_once(tmp_path):
    first = compiled(tmp_path)

    assert first[1]
    assert compiled(tmp_path) == (first[0], False)


def flip(place):
    (place / "engine").write_bytes(b"compilee")


def shorten(place):
    (place / "engine").write_bytes(b"comp")


def add(place):
    (place / "stranger").write_bytes(b"")


def link(place):
    (place / "engine").rename(place.parent / "elsewhere")
    (place / "engine").symlink_to(place.parent / "elsewhere")


def unseal(place):
    (place / "seal.json").unlink()


def break_seal(place):
    (place / "seal.json").write_bytes(b"{}")


@pytest.mark.parametrize("touch", [flip, shorten, add, link, unseal, break_seal])
def test_a_folder_that_somebody_touched_is_emptied_and_built_anew(tmp_path, touch):
    place, _ = compiled(tmp_path)
    touch(place)

    assert compiled(tmp_path) == (place, True)
    assert sorted(p.name for p in place.iterdir()) == ["engine", "seal.json"]
    assert compiled(tmp_path) == (place, False)


def test_a_build_that_was_cut_off_is_not_taken_for_an_engine(tmp_path):
    cache = EngineCache(tmp_path, "driver 1")
    with suppress(InterruptedError), cache.folder("a" * 64, "tensorrt", TUNING) as place:
        (place / "engine").write_bytes(b"half")
        raise InterruptedError

    assert compiled(tmp_path)[1]


def test_another_model_provider_tuning_or_driver_has_an_engine_of_its_own(tmp_path):
    places = [
        compiled(tmp_path)[0],
        compiled(tmp_path, machine="driver 2")[0],
        compiled(tmp_path, model="b" * 64)[0],
        compiled(tmp_path, provider="openvino")[0],
        compiled(tmp_path, tuning=Tuning(fp16=True))[0],
    ]

    assert all(one != other for one, other in combinations(places, 2))


def test_what_a_provider_does_not_take_makes_no_second_engine(tmp_path):
    cache = EngineCache(tmp_path, "machine")
    one, four = Tuning(threads=1), Tuning(threads=4)

    assert cache.key("m", "tensorrt", one) == cache.key("m", "tensorrt", four)
    assert cache.key("m", "openvino", one) != cache.key("m", "openvino", four)
    assert cache.key("m", "tensorrt", one) != cache.key("m", "tensorrt", Tuning(fp16=True))
