"""Which places belong together: the ids of a channel that the bundle links, on the surfaces that
are switched on. What is asked in one of them is shown in each, and the report is posted to each."""

from __future__ import annotations

from collections.abc import Callable

from bot.catalogue import Catalogue
from policies.channels import surface_of
from policies.settings_file import Channel
from store.model.request import Place


class Links:
    """The channels of the bundle in force. `is_on` says whether a surface is switched on."""

    def __init__(self, catalogue: Callable[[], Catalogue], is_on: Callable[[str], bool]) -> None:
        self._catalogue, self._is_on = catalogue, is_on

    def beside(self, place: Place) -> tuple[Place, ...]:
        """The other places of a linked channel, without a thread; none where it is not linked."""
        catalogue = self._catalogue()
        channel = catalogue.channel(catalogue.channel_name(place))
        if channel is None or not channel.linked:
            return ()
        return tuple(one for one in self._places(channel) if one.channel != place.channel)

    def of(self, name: str) -> tuple[Place, ...]:
        """Where to post what is for a channel of the bundle: each place of one that is linked, else
        the first. None for a channel that it does not have, or whose surfaces are switched off."""
        channel = self._catalogue().channel(name)
        if channel is None:
            return ()
        found = self._places(channel)
        return found if channel.linked else found[:1]

    def _places(self, channel: Channel) -> tuple[Place, ...]:
        return tuple(place_of(id_) for id_ in channel.ids if self._is_on(surface_of(id_)))


def place_of(channel: str) -> Place:
    """A channel as a place, by its id alone."""
    return Place(surface=surface_of(channel), team="", channel=channel, thread="")


def everywhere(_surface: str) -> bool:
    """Where it is not known what is switched on, nothing is left out."""
    return True
