"""The phrases by which short public answers are told apart, German and English. Words only.

They are looked for before those of letters (of_people.py). What is a mere closing in a letter ("you can also call us")
is often all that a post says, and who writes 280 characters says "DM us", which no letter does. A link is written
"[link]" here, whatever it leads to.
"""

from __future__ import annotations

from slawatch.classify.pattern import Pattern
from slawatch.classify.phrases import Role
from slawatch.classify.words import DAY, SPAN

# Only what a post says of itself: people recommend chat bots, and explain automatic payments.
MACHINES: tuple[tuple[Role, Pattern], ...] = (
    (
        Role.BOT,
        Pattern(
            r"\b(?:i(?:'m| am)|this is|my name is \w+,?(?: and)? i(?:'m| am)) (?:\w+,? )?(?:just )?(?:your |the "
            r"|our |an? )?(?:\w+ )?(?:bot|chat-?bot|robot|(?:ai|virtual|automated|digital) (?:assistant|agent"
            r"|helper))\b",
            r"\bich bin (?:\w+, )?(?:nur )?(?:ein|eine|der|die|euer|eure|dein|deine|ihr|ihre)\w* (?:\w+ )?(?:bot"
            r"|chat-?bot|roboter|(?:virtuelle|digitale|automatische)\w* assistent\w*)\b",
            r"^(?:beep boop|bleep bloop)\b|\b(?:i(?:'m| am)|ich bin) (?:not a (?:human|person)|kein mensch)\b",
            r"\bpowered by (?:ai|gpt|chatgpt|openai)\b|\bki-generiert\w*|\bai[- ]generated\b",
        ),
    ),
    (
        Role.AUTOMATIC,
        Pattern(
            r"^\W*(?:this is an? |dies(?:e|es)? ist eine? )?(?:auto(?:mated|matic"
            r"|matisch\w*)?[- ]?)(?:generated )?(?:reply|response|message|tweet|post|dm|answer|antwort|nachricht"
            r"|mitteilung|rückmeldung)\b",
            r"\b(?:this|dies(?:e|es|er)?) (?:\w+ )?(?:is|was|ist|wurde|wird) (?:an? |eine? )?(?:\w+ )?(?:automated"
            r"|automatic|automatically|auto-?generated|automatisch\w*|maschinell)\b ?(?:reply|response|message|tweet"
            r"|post|answer|antwort|nachricht|generated|sent|posted|erstellt|generiert|versendet|gesendet|verschickt"
            r"|erzeugt)?",
            r"\[(?:auto|automatisch|automated|bot)\]",
        ),
    ),
)

_DM = (
    r"(?:dms?|pns?|d\.m\.|direct[- ]?messag\w+|private?[- ]messag\w+|direkt-?nachricht\w*|privat-?nachricht\w*"
    r"|private[nr]? nachricht\w*|persönliche[nr]? nachricht\w*)"
)
_PHONE = r"(?:\+|\(|\b0|\b1[- .(])[\d ()/.-]{6,}\d"
_WHERE = r"(?:here|below|now|this link|the link|via|at|using|on|through|with|over|by|hier|unter|über|folgende\w*)"
_CHANNEL = (
    r"(?:phone|telephone|chat|e-?mail|hotline|call|form|helpline|customer (?:service|care|support)|support team"
    r"|whatsapp|messenger|help ?desk)"
)

DIRECT = Pattern(
    rf"\b{_DM}\b(?! away)",
    r"\b(?:via|by|in a|a|send|per|quick) (?:quick )?pm\b|\bpm (?:us|me|your)\b",
    r"\b(?:(?:send|drop|shoot|leave|write) (?:us|me) (?:an? )?(?:quick |private |short )*(?:message|note|line)"
    r"|message (?:us|me))\b(?! (?:back|know))",
    r"\b(?:schick|send|schreib|lass|hinterlass)\w* (?:sie |du )?(?:uns|mir) (?:\w+ ){0,4}?(?:eine |per "
    r"|über )?(?:privat\w*|nachricht)\b",
)
"""Asks for a message that only they can read; of itself a hand-off, whatever is asked for in it."""

CONDITIONAL = Pattern(
    r"^(?!.*\b(?:let (?:us|me) know|tell (?:us|me)|send (?:us|me)|provide|schick\w* uns) (?:the|what|which|where"
    r"|when|your|more|a bit|some|dein\w*))(?:but |and |also,? )?(?:if|should|in case|whenever) (?:you|there|this"
    r"|it)\b.{0,80}\b(?:question|concern|issue|problem|help|assist|anything|need|trouble|continue|persist|further"
    r"|arise|change)",
    r"\blet (?:us|me) know (?:the results?|how (?:it|that) (?:goes|works))\b|\blet (?:us"
    r"|me) know if\b.{0,80}\b(?:help|assist|anything|need|question|works?|continue|persist|further|issue|trouble"
    r"|else|problem|happen|change)|\bdon't hesitate\b|\bget back to us\b|\b(?:a|one) dm away\b|\bif you (?:have|need"
    r"|ever need|run into|get) (?:any|further|more|other|anything|additional|a)\b|\btweet (?:at )?us\b|\bwe(?:'re"
    r"| are) (?:always )?(?:just )?a (?:tweet|click|dm) away\b|\b(?:a|one) tweet away\b",
    r"^(?:bei|falls|wenn|sollte\w*|solltest)\b.{0,80}\b(?:fragen|frage|rückfragen|hilfe|problem\w*|noch etwas"
    r"|weiterhin|benötig\w*|brauch\w*)\b|\b(?:sag|gib|melde?)\w* (?:uns |dich )?(?:einfach |gern\w* )?(?:bescheid"
    r"|kurz)?,? ?(?:wenn|falls)\b",
    r"^(?:any|more|other|further|weitere|noch) (?:\w+ )?(?:questions|fragen)\b",
)
"""What to do if something else comes up: a closing, unless a way is named that leads elsewhere at once."""

NAMED_WAY = Pattern(r"\[link\]", _PHONE, r"\S@\S+\.\w+")

_EN_TO = (
    r"(?:contact|call|phone|ring|dial|e-?mail|speak (?:to|with)|talk (?:to|with)|chat with|reach out(?: \w+)? to"
    r"|reach out|reach|get (?:in touch|a hold|hold) (?:with|of)|get in touch|touch base with|turn to|check with"
    r"|see(?= (?:any|one|an agent|our|a member))|inform|notify|connect with|follow up with|write (?:to|in))"
)
_EN_WHOM = (
    r"(?:us|me|my|our|the|your|a|an|any|(?:in )?with us|in with|@\w+|customer|support|reservations?|\w+ (?:support"
    r"|customer|service)|them|\[link\]"
    rf"|{_WHERE}|directly|{_PHONE})"
)
_EN_LEAD = (
    r"(?:^|please,? |kindly |just |and |then |(?<!when )(?<!if )you(?:'ll|'d| can| may| could| should| must| will"
    r"| would)?(?: also| need to| have to| want to| always| first)? |(?:suggest|recommend)(?: that)?(?: you)? "
    r"|advise you to |(?:best|free|welcome|able|like you|ask you|them|option is) to |, |: |or |simply |so "
    r"|could you |can you |would you |instead |have them )"
)

HANDOFF = Pattern(
    rf"{_EN_LEAD}(?:directly |simply |just |also |always |please )?{_EN_TO} {_EN_WHOM}",
    rf"\bgive (?:us|them|our \w+(?: \w+)?) an? (?:quick )?(?:call|ring|shout|bell)\b|\b(?:call|chat|phone|ring|dial"
    rf"|tel\w*)\b.{{0,60}}{_PHONE}|{_PHONE}.{{0,40}}\b(?:call|phone|ring|assist|help)\b",
    r"\b(?:question|matter|one|issue) for (?:your|the|our) (?:\w+ ){0,2}(?:store|shop|team|branch|bank|colleagues?"
    r"|support)\b|\b(?:follow up|get started) here\b|\bso (?:that )?(?:we|i) can (?:help|look"
    r"|assist)\b.{0,20}: ?\[link\]|\b(?:post|share|ask|raise)\b.{0,60}\bforums?\b|\bwould you mind (?:following"
    r"|talking)\b",
    r"\b(?:request|book|schedule|arrange) an? (?:call|callback|call back|appointment)\b|\b(?:use|follow"
    r"|click)(?: on)? (?:the|this|our) (?:\w+ )?(?:link|url)\b.{0,40}\b(?:provide|send|share|submit|reply|contact"
    r"|chat|reach|help|assist|connect|state)\b",
    rf"\b(?:be|get) (?:reached|contacted)\b.{{0,40}}\b{_WHERE}",
    r"\b(?:fill|complete|submit|use|log|open|raise|file)\b.{0,40}\b(?:\w*form|ticket|case|claim|report"
    r"|complaint)\b(?! and (?:we|i)')",
    r"\b(?:web|contact|online|feedback|complaints?|refund|claims?)[- ]?form\b",
    r"\bclick\b.{0,80}\b(?:send|provide|reply|share|chat|message|contact|submit|connect|authenticate)"
    r"|\bclick\b.{0,30}\b(?:below|button)\b.{0,30}\b(?:reply|so|and|to)\b",
    r"\b(?:provide|share|send|submit|leave|give|fill|report|post|drop|tell|pass|connect|log|register|verify"
    r"|enter)\b.{0,80}\b(?:here|below|link|page|via|at|to|using|with us|team)\b ?:? ?\[link\]|\b(?:look"
    r"|help(?! ?(?:page|cent|article|topic|guide|section))|assist|address\w*|sort|fix\w*|investigate|chat|connect"
    r"|reach|contact|support)\b[^.!?]{0,40}\bhere ?:? ?\[link\]",
    r"\b(?:report|address) (?:this|it|the (?:matter|issue|problem)) (?:to|with) (?:us|our|the)\b",
    rf"\b(?:via|by|over the|on the|through) {_CHANNEL}\b(?: ?(?:/|or|and) ?{_CHANNEL})?.{{0,20}}(?:here|\[link\]"
    rf"|{_PHONE})",
    r"\b(?:phone|chat|call|support)\b.{0,40}\b(?:use|via|using|through|follow|click(?: on)?)\b.{0,20}\[?link",
    r"\b(?:private|secured?) (?:link|chat|message|channel|conversation)\b|\btake this (?:offline|to dm|private)",
    r"\bfollow (?:us|me|back|this account)\b.{0,40}\b(?:so|and|to|then)\b|\breturn to (?:our|the) chat\b",
    r"\b(?:return|go|head|take (?:it|this|them)|visit|bring (?:it|this|them)|pop)\b.{0,50}\b(?:to|into|in"
    r"|back to) (?:the|our|your|a|any|nearest) (?:\w+ )?(?:store|shop|airport|branch|desk|counter|customer service"
    r"|service desk|dealer\w*|retailer)\b",
    r"\be-?mail (?:us|me|it|them)?(?: at| to|:)? ?\S+@\S+|\b(?:at|to|an|unter|auf) \S+@\S+\.\w+",
    # German
    # not "wir melden uns bei dir", "wir rufen dich an"
    r"\b(?!melden? (?:uns|sich|mich)\b|meldet sich\b|rufen? (?:dich|euch|ich|wir)\b|schreiben? (?:wir"
    r"|ich)\b)(?<!wir )(?<!ich )(?:wende|meld|richt|kontaktier|ruf|schreib|erkundig|dreh)\w*\b(?: (?:dich|euch|sich"
    r"|sie|ihr|du|uns|mir|bitte|gern\w*|doch|am besten|einfach|direkt|hierzu|dazu|dafür|hierfür|da|deswegen"
    r"|in diesem fall|diesbezüglich|kurz|mal|deine \w+|ihre \w+))*\s(?:an|bei|unter|über|per|via|telefonisch|hier"
    r"|dort|\[link\]|@\w+|direkt (?:an|bei|über)|im (?:\w*chat|laden|shop|forum|kundenkonto)|in (?:der|einer|deiner"
    r"|unserer) (?:filiale|app)|die (?:hotline|kolleg\w+)|unser\w*|den|das)\b",
    r"\b(?:an|bei|über|mit) (?:unser\w*|den|die|das|dem|deine\w*|ihre\w*) (?:\S+ ){0,3}?\S*(?:kundenservice"
    r"|kundendienst|kundenbetreuung|service-?team|support|hotline|kundencenter|servicecenter|kontaktformular"
    r"|formular|chat|filiale|ansprechpartner|kundenkonto|service)\b.{0,60}\b(?:wenden|melden|kontaktieren|schreiben"
    r"|anrufen|stellen|richten|nutzen|verwenden|einreichen|sprechen|erreichen)\b",
    r"\b(?:nutz|verwend|benutz|füll)\w*\b.{0,60}\b(?:\w*formular|chat|hotline|app|kundenkonto|kontaktseite|whatsapp)",
    r"\b(?:(?:erreichst|erreichen|erreicht) (?:du|sie|ihr)|(?:du|sie|ihr) (?:erreichst|erreichen"
    r"|erreicht))\b.{0,60}\b(?:unter|telefonisch|über|per|hier|via|rund)\b|\b(?:klär|besprich|frag"
    r"|erkundig)\w*\b.{0,60}\b(?:mit|bei) (?:unser\w*|de[mnr]) \S*(?:service|support|hotline|filiale|kollegen"
    r"|team)\w*|\b(?:ruf|rufe|rufen|ruft)\b(?! (?:dich|euch|ich|wir)).{0,40}\b(?:uns|die|unser\w*|bitte|direkt|kurz"
    r"|dort)\b.{0,30}\ban\b|\bruf\w* .{0,30}\bdurch\b|\b(?:telefonisch|hotline|telefonnummer|rufnummer|tel\.?)\b.{0,30}"
    rf"(?:unter|:|{_PHONE})|\b(?:kundendienst|kundenservice|service|kollegen|kolleginnen|team)\b.{{0,60}}{_PHONE}",
    r"\bkontaktier\w*\b.{0,40}\b(?:uns|unser\w*|den|die|bitte)\b|\bkontaktformular\b|\bkontaktseite\b",
    r"\bfolg\w* (?:uns|mir)\b.{0,40}\b(?:damit|und|dann)\b",
)
"""Leads to another way of asking. A page that says what was asked ("more here: [link]") is none."""

MATTER = Pattern(
    r"^(?:have you|did you|were you|has (?:this|it|anyone)|did (?:we|they)|hast du|habt ihr|haben sie"
    r"|warst du)\b.*\?|\bhave you (?:had a chance|tried|been able|already|contacted|spoken|called|checked|reached"
    r"|talked)\b|\b(?:were|are) you able to\b"
)
"""Asks what was done already, even where it names somebody to turn to."""

ADVICE = Pattern(
    r"\b(?:can|could|would) you (?:please |pls |just |kindly )*(?:try|clear|check (?:if|whether|that|the|your)"
    r"|restart|reset|reboot|run|uninstall|reinstall|update|log (?:out|in|off)|sign (?:out|in)|turn|unplug|return"
    r"|delete|make sure|refresh|switch|power)\b",
    r"^(?:please |kindly |also,? |just |then |1st |first,? |next,? |for now,? |in the meantime,? )*(?:please "
    r"|kindly )*(?:try|unplug|restart|reset|reboot|uninstall|reinstall|back ?up|clear|make sure|ensure|go to|head to"
    r"|update|refresh|check out|check (?:here|the|your|this|out)|see|follow (?:this|these|the)|keep|visit|use the"
    r"|log (?:in|out))\b",
    r"\btry(?:ing)?:? ?\[link\]|\bplease (?:try|wait|check|keep|note|follow (?:this|these|the) (?:link|step))\b",
    r"\b(?:kannst|könntest|könnt|können|magst) (?:du|ihr|sie) (?:\w+ ){0,6}?(?:versuchen|probieren|neu ?starten"
    r"|prüfen|löschen|aktualisieren|zurücksetzen|ausprobieren|nachsehen|nachschauen)\b",
    r"^(?:bitte )?(?:versuch|probier|starte|lösch|aktualisier|prüf|schau|sieh|geh)\w*\b(?! (?:uns|mir))",
)
"""Tells us what to do, be it in the form of a question: it deals with the matter."""

QUESTION = Pattern(
    r"(?:^|please |kindly |and |just |also |can you |could you |would you |will you |if you can |able to "
    r"|, )(?:please |also |just )?(?:tell (?:us|me)|let (?:us|me) (?:know|have)|give (?:us|me)|send (?:us|me|over"
    r"|through|your)|provide|share|describe|explain|elaborate|clarify|specify|confirm|verify|include|advise (?:us"
    r"|me)|add)\b",
    r"\b(?:i|we)(?:'ll| will|'d| would)?(?: also| just| still)? (?:need|require|like to know|like to hear"
    r"|want to hear|want to know)\b.{0,60}\b(?:your|the|some|more|which|what|about|few|if|bottom)\b",
    r"\b(?:check(?:ing)?|to see|wondering|curious)(?: in)?(?: to see)? (?:if|whether) you(?:'re| are| were| have"
    r"|'ve)\b",
    r"\b(?:may|could|can) (?:we|i) (?:please )?(?:have|ask|get|know|just)\b",
    r"\b(?:schick|send|nenn|sag|teil|gib|verr[aä]t|erzähl|schilder|beschreib)\w* (?:sie |du |ihr )?(?:uns|mir)\b",
    r"\b(?:kannst|könntest|könnt|könntet|können|könnten|magst|möchtest|würdest|würden|dürfen|dürften|darf) (?:du|ihr"
    r"|sie|wir|ich) (?:\S+ ){0,12}?(?:nennen|sagen|mitteilen|schicken|senden|verraten|geben|schreiben|schildern"
    r"|beschreiben|erläutern|erzählen|haben|erfahren|fragen|bestätigen|durchgeben|zukommen)\b",
    r"\b(?:benötig|brauch|bräucht)\w*\b.{0,60}\b(?:dein\w*|ihre\w*|eure\w*|noch|mehr|folgende\w*|die|nähere"
    r"|weitere)\b|\bum welche[nsrm]?\b|\bworum geht\b",
    r"\?\W*$|^(?:just to (?:confirm|check|clarify),? )?(?:was|were|did|does|do|is|has|have|which|who's"
    r"|what's) (?:the|this|that|you|your|it|there|they|any|these|those)\b",
)

OFFER = Pattern(
    r"\bhow (?:can|may|could|might|should) (?:we|i) (?:\w+ )?(?:help|assist|be of|make)\b|\b(?:what can (?:we"
    r"|i) do)\b|\bthat (?:we|i) can help (?:you )?with\b|\b(?:something|anything)\b.{0,30}\b(?:help"
    r"|assist)\b.{0,20}\?|^(?:do you )?(?:still )?need (?:any )?(?:help|assistance)\b.{0,30}\?|\bwie (?:können|kann"
    r"|dürfen|darf) (?:wir|ich)\b.{0,20}\bhelfen\b|^was (?:können|kann) (?:wir|ich)\b",
)
"""Asks nothing but how it may help."""

FORWARDED = Pattern(
    r"\b(?:we|i)(?:'ll| will| can|'d)? ?(?:certainly |definitely |also |gladly |always |surely |be (?:sure|happy"
    r"|glad) to |make sure to |make sure |happily )*(?:pass|share|forward|relay|feed|let (?:the|our)|note|log|refer"
    r"|hand|escalate|report|flag|raise|send) (?:\S+ ){0,7}?(?:on|along|back|to (?:the|our|my|your|their)|with (?:the"
    r"|our|my|leadership)|w/|interest|know|feedback|over|this|it|that)\b",
    r"\b(?:i|we)(?:'ve| have)(?: already| just| now| also)? (?:forwarded|passed|shared|escalated|logged|notified"
    r"|alerted|reported|flagged|raised|relayed|let (?:our|the)|sent (?:this|it|your|that|an? (?:e-?mail|note|message"
    r"|report))|made (?:our|the))\b",
    r"\b(?:will|has|have) be(?:en)? (?:passed|forwarded|shared|escalated|sent|reported)\b.{0,30}\b(?:to|on|along"
    r"|with)\b",
    r"\b(?:gebe|geben|leite|leiten)\b.{0,80}\b(?:weiter|feedback)\b|\b(?:weitergeleitet|weitergegeben"
    r"|weitergereicht)\b|\bhaben? (?:es |das |dies |dein \w+ |deine \w+ )?(?:an )?.{0,40}\b(?:gemeldet|notiert"
    r"|eingereicht)\b",
)

INTERIM = Pattern(
    r"\b(?:we|i|they|our (?:\S+ ){0,4}?(?:team|teams|colleagues?|engineers?|developers?|staff|devs|technicians?"
    r"|crews?|experts?|dept|department))(?:'re| are|'m| am| is|'s|'ve been| have been"
    r"| has been)?(?: \w+,?){0,3}? (?:looking into|looking at|investigat\w+|working|aware of|on it\b|on the case"
    r"|checking|reviewing|digging into|following up|tracking|monitoring|taking a look)\b",
    r"\b(?:aware of (?:this|the|an|it|some)|working (?:hard|diligently|on (?:it|this|a fix|the|getting|resolving)"
    r"|to (?:fix|resolve|restore|get))|being (?:looked|investigated|worked|reviewed|addressed|escalated)"
    r"|under investigation)\b",
    r"\b(?:i|we|they|he|she|(?:someone|somebody|a \w+|one of|our \w+|my \w+)(?: \w+){0,4}?)(?:'ll| will"
    r"| shall)(?: \w+){0,2}? (?:get back|be in touch|reach out|follow up|contact you|update you|keep you|call you"
    r"|give you a (?:call|ring)|let you know|look into|find out|check (?:with|on|this|it|that|what|and)|investigate"
    r"|come back|respond|reply|dm you|message you|e-?mail you|post an update|give (?:it|this|that) a look)\b",
    r"\b(?:one moment|just a (?:moment|minute|sec\w*)|bear with (?:us|me)|hang tight|hold on|a minute to|give (?:us"
    r"|me) (?:a|some|until)|stand by|while (?:i|we) (?:check|look|find|take))\b|\b(?:i|we)(?:'m| am|'re"
    r"| are)(?: just| now| still)? (?:checking|asking|waiting|going to)\b",
    r"\b(?:wir|ich) (?:\S+ ){0,4}?(?:prüfen|prüfe|klären|kläre|schauen|schaue|kümmern|kümmere|arbeiten|arbeite"
    r"|fragen|frage|melden|melde|checken|checke|forschen|sind (?:schon |bereits )?dran|bin (?:schon |bereits )?dran)\b",
    r"\b(?:prüfen|prüfe|klären|kläre|schauen|schaue|kümmern|kümmere|arbeiten|fragen|frage|melden|melde|checken"
    r"|checke) (?:wir|ich)\b|\b(?:melden|melde|meldet|kümmern|kümmert) (?:uns|mich|sich)\b",
    r"\b(?:wird|werden|ist|sind) (?:\S+ ){0,4}?(?:geprüft|untersucht|in prüfung|in klärung|bearbeitet|weitergeleitet"
    r"|geklärt)\b|\b(?:kollegen|kolleginnen|technik|techniker|team|fachabteilung|entwickler)\b.{0,60}\b(?:arbeiten"
    r"|arbeitet|prüfen|prüft|dran|informiert|kümmern|kümmert|schauen|schaut|bescheid|melden|meldet)\b",
    r"\b(?:störung|problem|fehler|ausfall) (?:\w+ )?(?:ist|sind) (?:uns )?(?:\w+ )?bekannt\b|\beinen (?:moment"
    r"|augenblick)\b|\b(?:geduld|gedulde)\b",
    rf"\b(?:expect|hope|erwarten|hoffen|rechnen)\w*\b.{{0,60}}\b(?:update|fix|resol\w*|restor\w*"
    rf"|back)\b.{{0,40}}\b(?:{SPAN}|{DAY})",
)

REFUSAL = Pattern(
    r"\b(?:we|i)(?: are|'re| am|'m)(?: \w+){0,2} (?:unable|not able) to (?:\w+ ){0,2}(?:help|assist|answer|comment"
    r"|discuss|support|advise|provide|affect|access|view|share|disclose|look)\b",
    r"\b(?:we|i)(?: can't| cannot| can not| won't| don't| do not)(?: \w+){0,2} (?:comment|discuss|disclose|assist"
    r"|help|answer|access|view|offer support|provide support|handle|share (?:any|details|that|this))\b",
    r"\b(?:we|i)(?: \w+)? (?:don't|do not) (?:currently )?have (?:any |further |more |that )*(?:information|info"
    r"|details)\b",
    r"\b(?:können|kann|dürfen|darf|möchten) (?:wir|ich) (?:\S+ ){0,8}?(?:nichts?|keine[nr]?)\b.{0,40}\b(?:helfen"
    r"|weiterhelfen|beantworten|sagen|äußern|auskunft|angaben|kommentieren|einsehen|behilflich|unterstützen)\b",
    r"\b(?:wir|ich) (?:können|kann|dürfen|darf|möchten) (?:\S+ ){0,8}?(?:nichts?|keine[nr]?)\b.{0,40}\b(?:helfen"
    r"|weiterhelfen|beantworten|sagen|äußern|auskunft|angaben|kommentieren|einsehen|behilflich|unterstützen)\b",
    r"\b(?:haben|liegen) (?:wir |uns )?(?:\S+ ){0,4}?(?:keine|noch keine) (?:infos?|informationen|angaben)\b",
)

AFFIRMS = Pattern(
    r"^(?:that's|that is|this is|it's|you're|you are) (?:correct|right|true|wrong)\b|^(?:correct|exactly|absolutely"
    r"|certainly|genau|stimmt|korrekt|klar|selbstverständlich)\b|\byes\W*$",
)
"""Says yes in other words than letters do."""

COMFORTS = Pattern(
    r"^no (?:worries|problem|need to worry|trouble)\b|^yes,? please\b|^(?:of course|sure(?: thing)?|kein problem"
    r"|keine sorge)\b\W*(?:\w+\W*)?$|^good (?:night|morning|evening|afternoon)\b|\b(?:to|that) (?:hear|see"
    r"|read) (?:how|that|about|this|you|your)\b|^(?:that's|that is|it's|this is) \S+ to (?:hear|see|know|read)\b"
    r"|^sounds like\b|^(?:sounds|looks) (?:good|great|lit|awesome|amazing)\b|^that \w+ (?:sounds|looks)\b"
    r"|^love (?:the|your|this|that|it)\b|^(?:happy|glad|excited) to be\b",
)
"""Begins like a yes or no, and is none."""

POINTS = Pattern(
    r"(?::|\bhere|\bat|\bvia|\bis|\bthis|>|\bunter|\bhier) ?:? ?\[link\]",
    r"\b(?:this|these|here's|here is|here are|documentation|article|guide|page|steps?|link|das|dieser?"
    r"|hier)\b.{0,40}\b(?:help|helps|info\w*|details|explains?|steps|hilft|helfen|findest|finden|steht)\b",
)
"""Names a page where it is said."""

ANY_QUESTIONS = Pattern(
    r"\b(?:any|other|further|more|additional|weitere\w*|noch) (?:\w+ )?(?:questions?|queries|concerns|fragen"
    r"|anliegen)\b|\bif (?:we|i) can (?:\w+ )?help\b|\bif there(?:'s| is) anything\b|\bif you (?:still )?(?:need"
    r"|have|would like)\b",
)
"""Says that other questions are welcome: beside an answer that is a closing, even where it says "DM us"."""

HOURS = Pattern(
    r"\b(?:we(?:'re| are)|i(?:'m| am)|our (?:\w+ ){0,2}?(?:team|agents?|chat|experts?|staff|support|service)(?:'s"
    r"| is| are)) (?:\w+ "
    r"){0,3}?(?:offline|available|online|here|away|on duty|out of (?:the )?office|outside)\b|\b(?:currently|now"
    r"|right now) closed\b",
    r"\b(?:our|unsere\w*) (?:\w+ ){0,2}?(?:hours|\w*zeiten)\b|\b(?:service|büro|geschäfts|öffnungs|antwort)zeiten\b"
    r"|\b(?:office|business|opening|support|service) hours\b|\b(?:high|large|unusual|hohe\w*"
    r"|viele) (?:\w+ )?(?:volumes?|number"
    r"|aufkommen|anfragen|nachrichten)\b",
    r"\b(?:wir sind|unser\w* \S+ (?:ist|sind)) (?:\S+ ){0,12}?(?:für (?:dich|sie|euch) da|erreichbar|online|offline"
    r"|im einsatz)\b"
    r"|\b(?:gerade|derzeit|aktuell|momentan) (?:\w+ )?(?:geschlossen|offline|nicht (?:besetzt|erreichbar|online))\b",
)
"""When somebody is there: what answers without a person in the evening say."""

ASKS_HOURS = Pattern(
    r"\b(?:open|opens|opening|closed|closing|hours|available|reach|reachable|reached|\w*öffnungszeiten|\w*zeiten|geöffnet"
    r"|offen|geschlossen|erreichbar|erreichen|besetzt)\b"
)
"""Asks when somebody is there."""

STATED = Pattern(
    r"\b(?:no|(?:don't|do not|doesn't|does not|not) (?:\w+ )?have (?:an?|any)|not any|without an?) (?:\w+ )?(?:eta"
    r"|timeline|timeframe|time frame|release date|estimated|plans?|news)\b",
    r"\b(?:isn't|is not|aren't|are not|not|no longer|currently|only|now|all|they're|it's) (?:\w+ )?(?:available"
    r"|supported|possible|offered|sold|in stock|discontinued|an option)\b",
    r"\b(?:nicht|nicht mehr|nur|derzeit|aktuell|wieder|leider|noch nicht) (?:\w+ )?(?:verfügbar|lieferbar|möglich"
    r"|geplant|erhältlich|vorrätig|im sortiment|angeboten|unterstützt)\b|\bnoch kein\w* (?:\w+ )?(?:termin|datum"
    r"|zeitplan|zeitpunkt|plan|pläne)\b",
)
"""Says that something is to be had or not, planned or not: short, and an answer all the same."""

EMPATHY = Pattern(
    r"\bfor your (?:protection|security|privacy|safety)\b|\b(?:don't|do not|never) (?:mention|include|share|release"
    r"|post|send)\b",
    r"^(?:congrats|congratulations)\b|\b(?:choosing us|shout ?out)\b|^(?:oh|uh|oof|yikes|ouch|hm+|aw+|ugh|whoa|wow"
    r"|yay|woot|hey|hi|ok|okay|no|so|great|thanks|thank you|cheers|sorry|sadly|awesome|congrats|congratulations|yeah"
    r"|haha)\b\W*(?:\w+\W*){0,2}$",
    r"\b(?:i'm|i am|we're|we are|we|i|my|our)?\W{0,2}(?:\w+ ){0,3}(?:sorry|apolog\w+|regret|saddened|sad to"
    r"|disheartened)\b",
    r"\b(?:that's|that is|this is|this does|that does|it's|that doesn't|this isn't|that isn't"
    r"|definitely)\b.{0,20}\b(?:not (?:good|great|ok|okay|what|the|cool|fun|right|acceptable|like|sound)"
    r"|unacceptable|concerning|frustrating|disappoint\w*|strange|weird|odd|terrible|awful|(?:great|awesome|wonderful"
    r"|amazing|fantastic)(?= to| that|\W*$)|unfortunate|upsetting|annoying|never|no good|bad|sound good|like us"
    r"|how we|our goal)|\bnot (?:what|how|the \w+) (?:we|you|i)\b.{0,50}\b(?:hear|see|like|want|expect)",
    r"\b(?:we|i)(?:'d| would|'ll| will| do| can| certainly| definitely| really| truly| always| never|'re| are|'m"
    r"| am)* (?:\w+ )?(?:hate|love|like|want|glad|happy|delighted|understand|appreciate|strive|striving|care|value"
    r"|hope|help|assist|disagree|excited|thrilled|proud|hear you|hear (?:the|your))\b",
    r"\b(?:(?:i'll|we'll|i'd|we'd|(?:we|i) (?:can|will|would|could)) |let's |lets |let me |let us |happy to "
    r"|glad to |here to |like to |love to |want to |try to |see what (?:we|i) can )(?:\w+ ){0,2}?(?:help|assist"
    r"|look (?:into|at)|take a (?:\w+ )?look|see what|check|investigate|fix|get (?:this|that|it|you)|sort|review"
    r"|address|chat|figure)\b",
    r"\b(?:thanks|thank you|thx|cheers|appreciate\w*|grateful)\b|\bhelp has arrived\b|\bhere (?:to help|for you)\b"
    r"|\bat your service\b|\byour (?:patience|feedback|concern|frustration)\b|\b(?:enjoy|have a (?:great|good|nice"
    r"|lovely)|happy (?:travels|holidays|halloween)|see you|glad (?:you|to|we|it)|so glad|stay tuned|hope (?:this"
    r"|that|it|you|to))\b",
    r"\bi saw your (?:tweet|post)\b|\b(?:a )?known issue\b|\bno worries\b|\byou(?:'re| are) welcome\b"
    r"|\blet us know\b|\bdo my best\b|\bwe got (?:this|you)\b",
    r"\b(?:tut (?:uns|mir)|leid|entschuldig\w*|sorry|bedauer\w*|ärgerlich|schade|unangenehm|verständnis|verstehen"
    r"|nachvollziehen|dank|danke\w*|freu\w*|gern\w* (?:helfen|weiter|an|für)|helfen (?:dir|ihnen|euch|wir) gern\w*"
    r"|das klingt|das hört|schöne[nrs]? (?:tag|abend|woche\w*|feierabend)|das sollte (?:so )?nicht|so (?:sollte"
    r"|soll) (?:das|es)|nicht schön|schauen wir uns|sehen wir uns|kümmern uns gern\w*|schau\w* (?:ich"
    r"|wir) (?:\w+ ){0,4}gern\w*)\b",
)
"""Feels with us, thanks, offers help: nothing of the matter."""

FUNCTION = Pattern(
    r"\b(?:the|your?|is|are|to|for|and|with|this|that|have|please|we|our|can|it|us|let|sorry|thanks|der|die|das|und"
    r"|ist|du|dir|dich|sie|ihr|wir|uns|bitte|nicht|ein|eine|einen|mit|für|auf|kannst|hast|gerne?|leider|deine?)\b"
)
"""Little words of the two languages that are read here."""
