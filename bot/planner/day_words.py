"""Words for days and times, in English, German, Spanish and French. All folded."""

from __future__ import annotations

from typing import Final

from bot.planner.calendar import Period, Unit
from bot.planner.vocabulary import HEDGES, NEGATORS, fold, word_set


def _numbered(*names: str) -> dict[str, int]:
    """Each word of the n-th text means n."""
    return {fold(word): number for number, words in enumerate(names, 1) for word in words.split()}


MONTHS = _numbered(
    "january jan januar janner enero janvier",
    "february feb februar febrero fevrier",
    "march mar marz maerz marzo mars",
    "april apr abril avril",
    "may mai mayo",
    "june jun juni junio juin",
    "july jul juli julio juillet",
    "august aug agosto aout",
    "september sep sept septiembre septembre",
    "october oct oktober okt octubre octobre",
    "november nov noviembre novembre",
    "december dec dezember dez diciembre decembre",
)
# 1 is Monday.
WEEKDAYS = _numbered(
    "monday mon montag lunes lundi",
    "tuesday tue tues dienstag martes mardi",
    "wednesday wed mittwoch miercoles mercredi",
    "thursday thu thur thurs donnerstag jueves jeudi",
    "friday fri freitag viernes vendredi",
    "saturday sat samstag sonnabend sabado samedi",
    "sunday sun sonntag domingo dimanche",
)
# Days from the day on which it was said.
NEAR = {
    **dict.fromkeys(word_set("today heute hoy aujourd'hui"), 0),
    **dict.fromkeys(word_set("tomorrow morgen manana demain"), 1),
    **dict.fromkeys(word_set("ubermorgen"), 2),
}
UNITS: Final[dict[str, Unit]] = {
    **dict.fromkeys(word_set("day days tag tage tagen dia dias jour jours"), "day"),
    **dict.fromkeys(word_set("week weeks woche wochen semana semanas semaine semaines"), "week"),
    **dict.fromkeys(word_set("fortnight fortnights"), "fortnight"),
    **dict.fromkeys(word_set("month months monat monate monaten monats mes meses mois"), "month"),
    **dict.fromkeys(
        word_set("year years jahr jahre jahren jahres ano anos ans annee annees"), "year"
    ),
}
ENDS_OF: Final[dict[str, Period]] = {
    **dict.fromkeys(word_set("eom monatsende month-end"), "month"),
    **dict.fromkeys(word_set("eoy jahresende year-end"), "year"),
}
# Units that are no whole days, or not everybody's.
OTHER_UNITS = word_set(
    "hour hours hr hrs minute minutes min mins second seconds quarter quarters sprint sprints "
    "stunde stunden minuten quartal hora horas minutos trimestre heure heures weekend weekends"
)
COUNTS = {
    fold(word): number
    for number, words in enumerate(
        (
            "a an one ein eine einen einem einer un una uno une",
            "two zwei dos deux",
            "three drei tres trois",
            "four vier cuatro quatre",
            "five funf cinco cinq",
            "six sechs seis",
            "seven sieben siete sept",
            "eight acht ocho huit",
            "nine neun nueve neuf",
            "ten zehn diez dix",
            "eleven elf once onze",
            "twelve zwolf doce douze",
        ),
        1,
    )
    for word in words.split()
}
# Before the day until which something holds.
UNTIL = word_set("until untill till til bis hasta jusqu'au jusqu'a jusque")
# The same, where a day follows.
UNTIL_A_DAY = word_set(
    "through thru expires expire expiring ending ends ablaufend endet caduca expira expirant"
)
FOR = word_set("for fur durante por pour pendant")
END = word_set("end ende fin finales")
OF = word_set("of de du des del dem der")
THIS = word_set(
    "this the diesen diese dieser dieses diesem des der dem den este esta el la ce cet cette le"
)
NEXT = word_set("next nachsten nachste nachster nachstes kommenden kommende proximo proxima")
NEXT_BEHIND = word_set("prochain prochaine proximo proxima")
# Small words between what leads to a day and the day.
SMALL = word_set(
    "the on and including inclusive einschliesslich incl zum den dem der el la le al dia : ="
)
SMALL_FOR = word_set("the next another further last nachsten die weitere los proximos las les")
# A part of a day behind it, or a time at which it ends.
TIMES = word_set(
    "noon midnight midday morning afternoon evening night lunch lunchtime am pm uhr mittag abend "
    "nachmittag eod cob mediodia midi minuit"
)
JOINING = word_set("or oder o ou and und y et / - – to bis")
LEADING_TIMES = word_set("at um @")
# Before a day on which something begins.
STARTING = word_set("from starting starts start beginning ab desde von partir after nach")
NOW = word_set("now today heute hoy")
UNSURE = HEDGES | NEGATORS | word_set("sometime latest")
# In front of a unit of time, though it says no number.
VAGUE = word_set(
    "few couple several some many half of more than or to and business working calendar full whole "
    "next the a an"
)
# Right behind a day: it is then another one, or one of two.
TURNING = word_set(
    "or oder o ou before after ago plus minus vor nach antes despues avant apres x +"
)
# Between a day and what belongs to it.
LINKS = word_set("and und y et the on in of am im el le de du this")
HALVES = word_set("half halb halbe halbes media medio demi demie bit")
# Whole answers that say that nothing ends, apart from small words.
NO_END = frozenset(
    fold(sentence)
    for sentence in (
        "none", "no end", "no end date", "no end day", "no ending", "no expiry", "no expiry date",
        "no expiration", "no limit", "no time limit", "never", "never ends", "never expires",
        "never ending", "without end", "without an end", "without end date", "without an end date",
        "without expiry", "without limit", "open end", "open ended", "open-ended", "open-end",
        "permanent", "permanently", "permanent access", "forever", "for ever", "for good",
        "indefinite", "indefinitely", "unlimited", "unbounded", "kein ende", "kein enddatum",
        "keines", "keins", "ohne ende", "ohne enddatum", "unbefristet", "dauerhaft", "fur immer",
        "nie", "sin fin", "sin fecha de fin", "sin limite", "nunca", "indefinido", "permanente",
        "para siempre", "sans fin", "sans date de fin", "sans limite", "pas de fin", "jamais",
        "pour toujours", "illimite",
    )
)  # fmt: skip
