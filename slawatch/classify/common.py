"""Words that stand in letters whatever they are about, and so tell nothing of the matter. German and English."""

from __future__ import annotations

BEGINNING = 5  # letters of a word that are compared: "liefern", "Lieferung" and "Lieferzeit" are one

# Words that questions and form letters share, whatever they are about.
_SHARED_DE = (
    "allgemein anfrage anliegen antwort antworten beantworten bearbeitung bitte damen danke diese diesen dieser "
    "dieses einem einen einer eines erhalten erreichen etwas frage fragen freundliche freundlichen geehrte "
    "geehrter gerne gruesse grüße grüßen guten haben hallo herren herzlichen ihnen ihrem ihren ihrer "
    "informationen innerhalb kunde kunden kundenservice können könnten lange machen meine meinem meinen meiner "
    "melden mitteilen möchte möchten nachricht nicht nummer oder schnell service sollte sowie tagen telefon "
    "ticket unser unsere unserem unseren unserer vielen vorab welche welchen werden werktage werktagen wieder "
    "wissen wäre würde würden zeit zwischen über"
)
_SHARED_EN = (
    "about after answer before business could customer customers dear email enquiry given hello however inquiry "
    "kind know letter like message other please possible question questions regards reply request should since "
    "still support thank thanks their there these they this those ticket time times wanted where whether which "
    "while within wondering working would write writing your yours"
)
COMMON = frozenset(f"{_SHARED_DE} {_SHARED_EN}".split())

# How companies praise themselves, and how a machine without an answer fills a page.
_SPEAK_DE = (
    "aktuell anliegen aufgabe aufmerksam beraten beratung bereit bereits besonders bestens bestmöglich betreuung "
    "betrieb dabei damit dank darauf derzeit dienstleistung engagement engagiert erfahren erfahrung ernst experte "
    "fachleute familie firma freude freuen geduld gemeinsam gerade gerne herzen herzlich hilfe helfen höchste "
    "immer individuell information interesse jederzeit kollegen kompetent kunden kundschaft leidenschaft leisten "
    "lieben lösung mitarbeiter mitarbeitende möglich moment natürlich online persönlich priorität qualität sache "
    "schnell selbstverständlich service seite sicher sorgen sorgfalt spezialist stets support tradition umgehend "
    "unser unternehmen unterstützen unterstützung verantwortung verfügung versprechen verstehen vertrauen "
    "webseite website weiter wichtig wunsch wünsche zufrieden zuständig zuverlässig"
)
_SPEAK_EN = (
    "again agent aiming always anything appreciate around assist assure attention available being believe "
    "business careful caring clock closely colleague come comfort commit company concern conversation currently "
    "customer dedicate deliver delight ensure ensuring entire every excellence excellent exceed excited expect "
    "experience expert fantastic first friendly further great guidance handle happy helping honest important "
    "individual information inquiries interaction interest journey looking making matter meantime member moment "
    "never offer online other passion patience people perfect personal pleasure positive possible pride priority "
    "proud provide quality quickly reach reading really representative right satisfaction satisfied seamless "
    "serious serving service shortly smile solution something special specialist staff standard strive support "
    "taking teams thank through today together touch towards tradition trust truly understand value valued "
    "website welcome while wonderful working world"
)
SERVICE_SPEAK = frozenset(word[:BEGINNING] for word in f"{_SPEAK_DE} {_SPEAK_EN}".split())
