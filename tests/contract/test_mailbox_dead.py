"""A mailbox over HTTP: what its owner can't take, and who waits for it is told so."""

from collections.abc import AsyncGenerator
from uuid import UUID

import pytest
from msgspec import structs
from tests.contract.test_mailbox_http import Post, letter, opened, refused
from tests.unit.web.givens import a_key

from kruispunt.vocabulary import MailKind

BERT = a_key("BERT")


@pytest.fixture
async def post() -> AsyncGenerator[Post]:
    async with opened() as found:
        yield found


async def test_what_waits_for_a_mail_is_told_first_that_it_is_dead_or_it_is_not(post: Post):
    post.put(letter(1), letter(2, key=BERT))
    anna = post.mailbox()
    post.gate.away = True
    failed = await refused(anna.dead(UUID(int=1), "poison"))
    post.gate.away = False
    still = await anna.poll()

    said = [await anna.dead(UUID(int=number), "poison") for number in (1, 1, 2)]

    assert failed.problem is not None
    assert failed.problem.status == 503
    assert len(still.letters) == 1
    assert said == [True, False, False]
    assert [mail.id.int for mail in post.gate.given_up] == [1]


async def test_nothing_waits_behind_a_request_that_is_dead(post: Post):
    first, second, third = (structs.replace(letter(n), person=bytes(16)) for n in (1, 2, 3))
    post.put(structs.replace(first, kind=MailKind.REQUEST), second, third)
    anna = post.mailbox()

    await anna.dead(UUID(int=1), "poison")
    after_request = await anna.poll()
    await anna.dead(UUID(int=2), "poison")

    assert [one.mail.id.int for one in after_request.letters] == [2, 3]
    assert (await anna.poll()).held == 1
