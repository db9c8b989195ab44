"""The file of stories, and how the page counts what did not end in data."""

from datetime import date
from pathlib import Path

import pytest

from kruispunt.cli.demo_page import NO_ENTRY, reasons
from kruispunt.cli.story import Exchange, Noted, Stories, StoriesWrong, Trouble, read_stories
from kruispunt.people import Example
from kruispunt.vocabulary import InstitutionCode, Ssin

SOMEONE = Example(
    ssin=Ssin("85073003328"),
    member=InstitutionCode("CM"),
    begin=date(2026, 1, 1),
    until=date(2026, 3, 1),
)


@pytest.fixture(scope="module")
def stories() -> Stories:
    return read_stories()


def exchange(*trail: Noted, **words: str) -> Exchange:
    told = Exchange(title="x", flow="x", consumer="x", ssin="", outcome="failed", status=401)
    told.trail, told.reason, told.detail = list(trail), words["reason"], words.get("detail", "")
    return told


def test_a_file_of_another_form_is_refused_with_its_name(tmp_path: Path):
    file = tmp_path / "demo.toml"
    file.write_text('member = "CM"\nsurprise = 1\n', "utf-8")

    with pytest.raises(StoriesWrong, match=r"demo\.toml"):
        read_stories(file)


def test_a_chapter_opens_with_the_first_story_that_somebody_fits(stories: Stories):
    first = next(story for story in stories.stories if story.chapter)
    without = {story.person: SOMEONE for story in stories.stories if story.person != first.person}

    told = stories.told_with(without)

    assert first.title not in {story.title for story in told}
    assert [s.chapter for s in told if s.chapter] == [
        s.chapter for s in stories.stories if s.chapter
    ]


def test_who_sends_again_speaks_of_the_person_just_spoken_of(stories: Stories):
    pairs = zip(stories.stories, stories.stories[1:], strict=False)
    again = [(a, b) for a, b in pairs if b.sends in ("again", "copy")]

    assert len(again) >= 3
    for before, after in again:
        assert (before.person, before.flow, before.purpose, before.key) == (
            after.person,
            after.flow,
            after.purpose,
            after.key,
        )


@pytest.mark.parametrize("trouble", ["silent", "lying"])
def test_what_was_broken_is_asked_again_once_it_is_mended(stories: Stories, trouble: Trouble):
    broken = [n for n, story in enumerate(stories.stories) if story.meanwhile == trouble]
    last, after = stories.stories[broken[-1]], stories.stories[broken[-1] + 1]

    assert last.expect == "failed"
    assert (after.sends, after.meanwhile, after.expect) == ("again", "", "granted")


def test_every_story_that_ends_without_data_and_is_the_first_of_its_kind_says_why(
    stories: Stories,
):
    seen = set[tuple[str, str]]()
    for story in stories.stories:
        kind = (story.expect, story.trail)
        if story.trail and kind not in seen:
            seen.add(kind)
            assert story.why, story.title


def test_one_reason_is_one_line_with_every_exchange_that_had_it():
    hub = InstitutionCode("KSZ")
    silent = Noted(at=hub, consumer=hub, granted=True, outcome="failed", cause="no-answer")
    told = [
        exchange(silent, reason="service unavailable"),
        exchange(reason="invalid signature", detail="keyid: the key is revoked"),
        exchange(silent, reason="service unavailable"),
    ]

    assert reasons(told) == {
        ("401 service unavailable", "no-answer"): [1, 3],
        ("401 invalid signature (keyid: the key is revoked)", NO_ENTRY): [2],
    }
    assert [one.exactly for one in told[:2]] == ["no-answer", "keyid: the key is revoked"]
