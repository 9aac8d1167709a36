"""Words that begin sentences, in the languages that people ask in: they have a capital there and
are nobody's name."""

from __future__ import annotations

_WORDS = """
a after again all also an and another any are as at be because before both but by can could
customer did do does each eur every first for from full give good got half has have hello help
her hey hi his how i if in is it item its just last let look make many may me money monday
tuesday wednesday thursday friday saturday sunday january february march april june july august
september october november december morning my need new next nope no not now of off ok okay on
one only or order our out parcel pay payment please pls product put quick request same second
send she he ship should so some sorry still than thank thanks that the their them then there
these they this ticket to today tomorrow too two up urgent us use very wait want was we well
were what when where which who why will with would wrong yes yesterday yet you your
bitte danke der die das ein eine für ich ist kunde kundin kannst können mit nein und von wir
wurde zu guten tag hallo ja nicht auf betrag geld artikel paket lieferung
el la los las un una por favor gracias hola para con no sí cliente pedido quiero puede dinero
le les un une pour avec s'il vous plaît merci bonjour client cliente commande non oui je nous
peux pouvez argent
"""

EVERYDAY = frozenset(_WORDS.split())
