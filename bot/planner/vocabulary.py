"""Words of the language, apart from any workflow: what asks, forbids, hedges, fills. All folded."""

from __future__ import annotations

import unicodedata
from functools import lru_cache


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Case and accents away, so that "Beschädigt" and "beschadigt" are one word."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "'")).casefold()
    return "".join(c for c in plain if not unicodedata.combining(c))


def word_set(text: str) -> frozenset[str]:
    """The folded words of a text."""
    return frozenset(fold(text).split())


POLITE = word_set(
    "please pls plz kindly hi hello hey team folks all everyone thanks thank thx ty good morning "
    "afternoon evening so well ok okay and also then now just quickly urgent urgently asap fyi bot "
    "assent bitte hallo danke mal por favor hola gracias s'il te vous plait svp bonjour merci "
    "sorry dear guys there"
)
NEGATORS = word_set(
    "don't dont not never no nobody cannot can't cant won't wont stop avoid without shouldn't "
    "mustn't refuse niemand nicht kein keine keinen keinesfalls nie nunca jamais ne pas nein non "
    "do-not"
)
RETRACTIONS = tuple(
    tuple(fold(phrase).split())
    for phrase in (
        "never mind", "nevermind", "scratch that", "forget it", "forget this", "forget that",
        "on second thought", "on second thoughts", "wait no", "no wait", "disregard",
        "just kidding", "vergiss es", "olvidalo", "laisse tomber",
    )
)  # fmt: skip
QUESTIONS = word_set(
    "how what what's whats when why who which where should shall did does has is are was were am "
    "wie warum wieso wann soll sollen sollten sollte comment pourquoi quand combien como cuando "
    "cuanto cual debemos deberiamos explain wonder wondering whether ob"
)
PRONOUNS = word_set("we you i they he she it u wir ich sie on nous")
CONDITIONS = word_set("if unless falls wenn sobald provided assuming suppose")
CONDITIONS_AT_START = word_set("when once after before until cuando cuand quand si")
POLITE_CONDITIONS = tuple(
    tuple(phrase.split())
    for phrase in (
        "if that ok", "if it ok", "if that okay",  # "that's" is heard as "that"
        "if possible", "if you can", "if you could", "if you please", "if that's ok", "if it's ok",
        "if that is ok", "if that's okay", "if you don't mind", "if we can", "if we could",
        "if you would", "wenn moglich", "si possible", "si es posible",
    )
)  # fmt: skip
HEDGES = word_set(
    "about around approximately approx roughly circa ca up max maximum minimum least most under "
    "over between nearly almost ungefahr etwa environ unos maybe perhaps probably not ~ ≈ minus"
)
PARTS = word_set(
    "half third quarter percent percentage double twice triple each per every times x × plus % "
    "halfte halbe mitad medio moitie prozent pourcent por-ciento cents cent + /"
)
FULL_SURE = tuple(
    tuple(phrase.split())
    for phrase in (
        "full refund", "full amount", "full reimbursement", "full sum", "full price", "full value",
        "refund in full", "refunded in full", "back in full", "fully refund", "refund fully",
        "full money back", "volle erstattung", "volle ruckerstattung", "vollen betrag",
        "vollstandig erstatten", "komplett erstatten", "reembolso completo", "reembolso total",
        "remboursement complet", "remboursement integral", "complete refund", "entire amount",
        "whole amount", "total refund", "in full", "refund everything", "refund it all",
        "refund all of", "refund the whole", "refund the entire", "refund the full",
        "refund whole", "refund entire", "all their money back", "all the money back",
    )
)  # fmt: skip
FULL_ANSWERS = tuple(
    tuple(phrase.split())
    for phrase in (
        "all of it", "the whole", "the entire", "full", "fully", "all", "everything", "whole",
        "entire", "completely", "complete", "max", "maximum", "alles", "voll", "komplett", "todo",
        "completo", "tout", "complet", "total",
    )
)  # fmt: skip
PARTIAL = word_set("partial partially part not isn't except teilweise parcial partiel non-full no")
AMOUNT_CUES = word_set("amount sum total-of betrag summe importe montant cantidad amount's")
NUMBER_CUES = word_set("no nr num number id numero nummer # № n°")
LISTING = word_set("and & or und oder y e o et ou + / plus sowie ,")
BEFORE_RECORD = word_set(
    "on for of to from about in against fur von zu auf zur de del para por pour sur du order's"
)
NONE_OF_THESE = "none of these"
YES = tuple(
    tuple(word.split())
    for word in ("yes", "yep", "yeah", "correct", "right", "ja", "si", "oui", "ok", "okay",
                 "that one", "exactly", "yes please", "y", "sure")
)  # fmt: skip
# Words for numbers are asked about, never read.
NUMERALS = word_set(
    "zero one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty "
    "forty fifty sixty seventy eighty ninety hundred thousand thousands million zehn zwanzig "
    "dreissig vierzig funfzig hundert tausend veinte treinta cuarenta cincuenta cien mil vingt "
    "trente quarante cinquante cent mille"
)
# What a number in front counts, though the words are small.
UNITS = word_set(
    "day days week weeks month months year years hour hours minute minutes item items thing things "
    "box boxes package packages parcel parcels piece pieces pcs unit units time times order orders "
    "customer customers people person persons stars percent business working months x × "
    "january february march april may june july august september october november december tage "
    "tagen wochen stuck artikel dias semanas jours semaines am pm"
)
# Small words of chat: never part of a name or a description, and a number may stand before them.
COMMON = (
    NUMERALS
    | UNITS
    | POLITE
    | NEGATORS
    | QUESTIONS
    | PRONOUNS
    | CONDITIONS
    | CONDITIONS_AT_START
    | BEFORE_RECORD
    | LISTING
    | NUMBER_CUES
    | AMOUNT_CUES
    | HEDGES
    | PARTS
    | word_set(
        "a an the this that these those their them there his her its my our your me us him can "
        "could would will may might must want wants wanted need needs like have had having get "
        "gets got give gives given giving send sends pay pays paid make makes do done doing go "
        "back again already still yet only too very really much many more less some any another "
        "other one two three first second last next today yesterday tomorrow week month day days "
        "customer customers client clients buyer user guy lady people person someone somebody "
        "they're it's he's she's i'm we're i'd i'll we'd called wrote says said asks asked asking "
        "emailed complained complains told tell thinks because since as but by with at be been "
        "being which who whom whose up out off down into onto over under here ticket case issue "
        "problem money amount cash payment refund refunds refunded order orders ordered bought "
        "purchase reason item items product thing things stuff box package parcel delivery bucks "
        "dollars dollar euros euro pounds pound yen francs usd eur gbp chf jpy cad aud full whole "
        "entire complete partial partly address shipping ship new old please-and ignore previous "
        "instructions rules approve approved system json amount: die der das den dem ein eine "
        "einen ist hat haben wir mir uns und kunde kundin kunden el la los las un una le les des "
        "est a-t client cliente clienta se lo que mit am im let's let us lets able possible "
        "gesture fully partially completely entirely totally arrives shipped delivered arrived "
        "came come it'd wrong bad open close closed help hope great fine sent"
    )
)
