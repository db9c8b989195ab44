"""`kruispunt one-shot`: the file that is sent once (05/022 §7.4), each command where it stands."""

from typing import Final

from cyclopts import App

from kruispunt.cli.one_shot_collect import collect
from kruispunt.cli.one_shot_select import population, select
from kruispunt.cli.one_shot_send import send
from kruispunt.cli.one_shot_show import show

one_shot_app: Final = App(
    name="one-shot", help="The file that is sent once: select, send, take, follow it."
)
for command in (select, population, send, collect, show):
    one_shot_app.command(command)
