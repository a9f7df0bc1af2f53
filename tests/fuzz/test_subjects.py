"""Each subject holds on its seeds and on edits of them: a short run, the same one each time."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

pytest.importorskip("lxml", reason="lxml is not installed: the extra of the libvirt driver brings it")

from tests.fuzz.subject import Subject
from tests.fuzz.subjects import SUBJECTS

short = settings(
    max_examples=200, derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
every_subject = pytest.mark.parametrize("name", SUBJECTS)


@every_subject
def test_a_subject_holds_on_its_seeds(name: str) -> None:
    subject = SUBJECTS[name]
    for seed in subject.seeds:
        subject.run(seed)


@every_subject
def test_a_subject_holds_on_edited_seeds(name: str) -> None:
    subject = SUBJECTS[name]

    @given(inputs(subject))
    @short
    def holds(data: bytes) -> None:
        subject.run(data)

    holds()


def inputs(subject: Subject) -> st.SearchStrategy[bytes]:
    """Bytes of any kind, and seeds in which a few pieces are replaced."""
    piece = st.binary(max_size=4)
    if subject.words:
        piece = st.sampled_from(subject.words) | piece
    places = st.tuples(st.integers(0, subject.longest), st.integers(0, 8), piece)
    edits = st.lists(places, min_size=1, max_size=6)
    return st.builds(spliced, st.sampled_from(subject.seeds), edits) | st.binary(max_size=64)


def spliced(seed: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    """*seed* with some bytes of it replaced: of each edit where, how many, and by what."""
    for place, length, piece in edits:
        at = place % (len(seed) + 1)
        seed = seed[:at] + piece + seed[at + length :]
    return seed
