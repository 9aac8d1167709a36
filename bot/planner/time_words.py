"""Words around times that lie ahead or are over, in English, German, Spanish and French; folded."""

from __future__ import annotations

from bot.planner import day_words as d
from bot.planner.vocabulary import word_set

LATER = word_set(
    "tomorrow tonight tonite overmorrow later afterwards ubermorgen morgen spater manana demain"
)
TONIGHT = word_set("tonight tonite")  # "the bound was lifted for tonight"
GREETING = word_set("guten gute schonen esta")
THAT = word_set("this heute esta ce cet cette")
PARTS_AHEAD = word_set(
    "afternoon evening weekend night abend nachmittag noche tarde soir aprem apres-midi wochenende"
)
COMING = d.NEXT | word_set("following coming upcoming kommenden kommender prochain prochaine")
COMING_BEHIND = word_set("prochain prochaine proximo proxima")
PERIODS = word_set(
    "weekend wochenende quarter sprint quartal trimestre morning afternoon evening night finde"
)
SHIPPING = word_set("delivery shipping shipment business air service")
# The end of a day or another period, in one word.
ENDINGS = word_set("eod cob eow eom eoy month-end year-end monatsende jahresende feierabend")
ENDED = word_set("last previous")
IN = word_set("in en dans within")
BEFORE_MONTH = word_set("in during from by until before after effective starting im ab en desde")
BEFORE_FEAST = word_set("at on after before by over until during around nach vor ab")
FEASTS = word_set("christmas xmas easter thanksgiving weihnachten ostern navidad noel")
BREAKS = word_set("lunch work hours midnight noon holidays weekend")
# In front of what may be a day or something else: "on 30.11.", "by Sat".
BEFORE_DAY = word_set(
    "on by from effective starting until before after next this am ab zum bis el le del since"
)
SHORT = word_set("mon tue tues wed thu thur thurs fri sat sun mar")
BEHIND_MAY = word_set("be have not need also")
WHILE = word_set("while whilst during solange wahrend mientras durante pendant as-long-as duration")
TEMPORARY = word_set(
    "temporary temporarily short-term vorubergehend befristet temporal temporalmente temporaire "
    "temporairement"
)
OF_A_PERIOD = d.SMALL_FOR | d.THIS | word_set("rest remainder of whole coming following end")
MOMENTARY = word_set("time moment rest remainder duration")
NOW = word_set("now")
ONLY = word_set("only just nur solo seulement for")
# What is waited for: "once she has left". With the past tense it is told: "when it arrived".
WHEN = word_set("once when sobald wenn cuando quand lorsque after")
SUBJECTS = word_set(
    "she he they it the her his their everybody everyone all sie er es ella il elle"
)
PRESENT = word_set(
    "is are has have comes arrives gets returns leaves goes ends finishes closes says answers "
    "confirms agrees approves signs ist sind hat kommt esta llega est arrive revient"
)
# What somebody is yet to give, whoever it is: "until Jo confirms", "pending Jo's approval".
AWAITING = word_set("until till pending subject bis hasta jusqu'a")
ASSENTS = word_set(
    "agree agrees approve approves confirm confirms consents permits allows zustimmt bestatigt "
    "acepta aprueba confirma accepte approuve confirme"
)
ASSENT = word_set("approval agreement consent confirmation permission zustimmung freigabe accord")
ASSENTED = word_set("agreed approved confirmed consented signed zugestimmt bestatigt")
OK = word_set("ok okay fine happy einverstanden")
HAVING = word_set("is are has have says gives hat ist a est")
BY = word_set("by from of von durch par de")
PERMITTING = word_set("permitting")
FROM = word_set("from of vom von del du")
AGO = word_set("ago earlier old late pasado pasada dernier derniere passe")
AGO_BEFORE = word_set(
    "last since past previous letzten letzte letzter letztes seit vergangenen ultimo ultima vor "
    "hace depuis every"
)
AT = word_set("at um @ gegen")
CLOCKS = word_set("am pm uhr o'clock a.m p.m")
MOMENTS = word_set("noon midnight midday lunch lunchtime night mittag mitternacht eod cob")
SOME = word_set("few couple some several half einigen unos")
# What is told in the past tense has happened.
PAST = word_set(
    "was were been had came bought got broke sent left went wrote said did told took gave paid "
    "made found lost began became felt fell heard kept met put ran saw sold spent stood thought "
    "understood won built cost has have having haven't hasn't didn't wasn't war waren wurde wurden "
    "hatte hat kam angekommen geliefert bestellt gekauft bekommen kaputt ging llego compro pidio "
    "fue estaba arrive achete commande recu waiting waited customer"
)
NOT_PAST = word_set(
    "need needed scheduled planned expected required due supposed intended indeed proceed exceed "
    "succeed feed speed shed embed hundred bed red agreed allowed united limited wanted"
)
# In front of a participle: it has not happened yet ("to be closed", "gets removed").
TO_COME = word_set("be being get gets to will must should shall can may werden soll wird")
ARTICLES = word_set(
    "the a an this that these those his her their its our my your der die das el la"
)
LEADING = word_set(
    "on by at in from as of effective effectively until till before after starting start begin "
    "beginning the only not during due this am zum ab an bis im el la le para desde for around"
)
