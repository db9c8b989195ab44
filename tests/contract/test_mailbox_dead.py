"""A request that its recipient can't take: first it is told onward, and it holds nothing up."""

from dataclasses import dataclass, field
from uuid import UUID

import pytest
from msgspec import structs
from tests.contract.mailbox_house import MOMENT, a_mail, in_memory

from kruispunt.cli.mailboxes import MembersBoxes
from kruispunt.vocabulary import Mail, MailKind, Unavailable


@dataclass
class Post:
    """Remembers what was given up."""

    away: bool = False
    given_up: list[int] = field(default_factory=list[int])

    async def give_up(self, mail: Mail) -> bool:
        if self.away:
            raise Unavailable("away", retry_after_s=1)
        self.given_up.append(mail.id.int)
        return mail.kind is MailKind.REQUEST


async def test_a_dead_request_is_told_before_it_is_buried_or_it_stays():
    async with in_memory() as house:
        await house.put(a_mail(1), a_mail(2, to="BERT"))
        post = Post(away=True)
        boxes = MembersBoxes(boxes=house.store, post=post)
        with pytest.raises(Unavailable):
            await boxes.dead("ANNA", UUID(int=1), "poison", at=MOMENT)
        still = await house.numbers()
        post.away = False

        said = [await boxes.dead("ANNA", UUID(int=n), "poison", at=MOMENT) for n in (1, 1, 2)]

        assert still == [1]
        assert said == [True, False, False]
        assert post.given_up == [1]


async def test_nothing_waits_behind_a_dead_request_and_what_follows_waits_behind_other_mail():
    async with in_memory() as house:
        first, *rest = (a_mail(number, person=7) for number in (1, 2, 3))
        await house.put(structs.replace(first, kind=MailKind.REQUEST), *rest)
        boxes = MembersBoxes(boxes=house.store, post=Post())

        await boxes.dead("ANNA", UUID(int=1), "poison", at=MOMENT)
        behind_request = await house.numbers()
        await boxes.dead("ANNA", UUID(int=2), "poison", at=MOMENT)

        assert behind_request == [2, 3]
        assert await house.numbers() == []
