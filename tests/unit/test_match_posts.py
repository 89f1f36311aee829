"""Which request a public post belongs to and who wrote it: by ids alone, whatever an author calls themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch import match
from slawatch.match import posts, rows
from slawatch.match.known import Beside, Open
from slawatch.model import Facts, Match, MatchEvidence, Strength, Writer

NOW = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
OURS, FOLLOW_UP, OTHER_OURS = "twitter:1001", "twitter:1002", "bluesky:at://did:plc:me/app.bsky.feed.post/3kAb"
KNOWN = match.Known(by_message_id={OURS: 1, FOLLOW_UP: 1, OTHER_OURS.lower(): 2}, follow_ups=frozenset({FOLLOW_UP}))
ACME, ACME_DE, ME, TROLL = "twitter:42", "twitter:43", "twitter:7", "twitter:666"
PEOPLE = match.Accounts(ids=frozenset({ACME, ACME_DE}), domains=frozenset({"acme.example"}))


def post(
    *,
    sender: str = ACME,
    own_id: str = "twitter:2000",
    cited: tuple[str, ...] = (),
    conversation: str = "",
    direct: bool = False,
    affiliations: tuple[str, ...] = (),
    text: str = "Two days.",
    name: str = "Acme Help (@acmehelp)",
    handle: str = "acmehelp",
) -> Facts:
    return Facts(
        platform=sender.partition(":")[0],
        sender=sender,
        sender_name=name,
        own_id=own_id,
        cited_ids=cited,
        conversation=conversation,
        direct=direct,
        affiliations=affiliations,
        text=text,
        headers={"handle": (handle,)},
    )


def stands_open(
    request_id: int, *, since: timedelta = -HOUR, until: timedelta = HOUR, answered: timedelta | None = None
) -> Open:
    return Open(
        request_id=request_id,
        subject="",
        token="",
        since=NOW + since,
        until=NOW + until,
        answered_at=None if answered is None else NOW + answered,
    )


def found(facts: Facts, *candidates: Open, known: match.Known = KNOWN) -> Match | None:
    return match.find_post(facts, known, beside=lambda: Beside(open=candidates), at=NOW)


def what(facts: Facts, *candidates: Open) -> tuple[tuple[int, ...], MatchEvidence, Strength] | None:
    one = found(facts, *candidates)
    return (one.request_ids, one.evidence, one.strength) if one else None


# --- which request ---


@pytest.mark.parametrize(
    ("facts", "request_id", "evidence"),
    [
        (post(cited=(OURS, OURS), conversation=OURS), 1, MatchEvidence.CITED_ID),
        (post(cited=(OURS,)), 1, MatchEvidence.CITED_ID),
        (post(cited=(FOLLOW_UP, OURS), conversation=OURS), 1, MatchEvidence.CITED_ID),
        (post(cited=(FOLLOW_UP, "twitter:500"), conversation="twitter:500"), 1, MatchEvidence.CITED_ID),
        (post(cited=(OTHER_OURS, OTHER_OURS), conversation=OTHER_OURS), 2, MatchEvidence.CITED_ID),
        (post(cited=("twitter:1999", OURS), conversation=OURS), 1, MatchEvidence.CONVERSATION),
        (post(cited=("twitter:1999",), conversation=OURS), 1, MatchEvidence.CONVERSATION),
        (post(conversation=OURS), 1, MatchEvidence.CONVERSATION),
        (post(cited=("twitter:1999", OURS)), 1, MatchEvidence.CONVERSATION),
    ],
)
def test_what_is_said_in_our_conversation_surely_belongs_to_its_request(
    facts: Facts, request_id: int, evidence: MatchEvidence
) -> None:
    assert what(facts, stands_open(9)) == ((request_id,), evidence, Strength.CERTAIN)


def test_what_was_replied_to_goes_before_what_the_conversation_began_with() -> None:
    assert what(post(cited=(OTHER_OURS, OURS), conversation=OURS)) == ((2,), MatchEvidence.CITED_ID, Strength.CERTAIN)


def test_nothing_is_asked_for_where_an_id_decides() -> None:
    def beside() -> Beside:
        raise AssertionError

    assert match.find_post(post(conversation=OURS), KNOWN, beside=beside, at=NOW) is not None
    with pytest.raises(AssertionError):
        match.find_post(post(), KNOWN, beside=beside, at=NOW)


def test_without_the_instant_of_a_post_nothing_is_guessed() -> None:
    assert match.find_post(post(), KNOWN, beside=lambda: Beside(open=[stands_open(5)])) is None


@pytest.mark.parametrize(
    "facts",
    [
        post(),
        post(conversation="twitter:2000"),
        post(cited=("twitter:2000",), conversation="twitter:2000"),
        post(direct=True),
        post(direct=True, conversation="twitter:7-42"),
        post(direct=True, conversation="twitter:7-42", cited=("twitter:1990",)),
    ],
)
def test_the_only_open_request_is_meant_by_what_is_written_to_us_anew(facts: Facts) -> None:
    assert what(facts, stands_open(5)) == ((5,), MatchEvidence.SOLE_OPEN, Strength.MEDIUM)


@pytest.mark.parametrize(
    "facts",
    [
        post(cited=("twitter:500", "twitter:500"), conversation="twitter:500"),
        post(cited=("twitter:500",)),
        post(conversation="twitter:500"),
    ],
)
def test_a_reply_to_somebody_else_that_names_us_is_a_guess(facts: Facts) -> None:
    assert what(facts, stands_open(5)) == ((5,), MatchEvidence.SOLE_OPEN, Strength.WEAK)


def test_which_of_several_open_requests_is_meant_only_a_person_can_say() -> None:
    one, other = stands_open(5, since=-2 * HOUR), stands_open(6)

    assert what(post(), one, other) == ((6, 5), MatchEvidence.SOLE_OPEN, Strength.WEAK)
    assert what(post(direct=True), one, other) == ((6, 5), MatchEvidence.SOLE_OPEN, Strength.WEAK)


def test_no_more_candidates_are_named_than_a_person_can_choose_from() -> None:
    many = [stands_open(number, since=-HOUR * number, until=HOUR) for number in range(1, rows.CANDIDATES_MAX + 6)]

    one = found(post(), *many)

    assert one is not None
    assert one.strength is Strength.WEAK
    assert one.request_ids == tuple(range(1, rows.CANDIDATES_MAX + 1))  # the newest
    assert "25 open" in one.saw


@pytest.mark.parametrize(
    "closed",
    [
        stands_open(6, since=timedelta(seconds=1)),
        stands_open(6, until=timedelta(0)),
        stands_open(6, answered=-timedelta(seconds=1)),
    ],
)
def test_what_is_not_asked_yet_or_over_or_answered_is_not_meant(closed: Open) -> None:
    assert what(post(), closed) is None
    assert what(post(), closed, stands_open(5)) == ((5,), MatchEvidence.SOLE_OPEN, Strength.MEDIUM)


def test_an_answer_that_came_later_leaves_the_request_open_before() -> None:
    assert what(post(), stands_open(5, answered=timedelta(seconds=1))) is not None


def test_what_the_match_shows_does_not_name_the_post() -> None:
    one = found(post(cited=("twitter:1234567890",)), known=match.Known(by_message_id={"twitter:1234567890": 3}))

    assert one is not None
    assert one.saw == "twitter:…7890"


# --- who wrote it ---


@pytest.mark.parametrize("direct", [False, True])
@pytest.mark.parametrize("account", [ACME, ACME_DE])
def test_any_account_of_the_company_speaks_for_it(account: str, direct: bool) -> None:
    assert match.posted_by(post(sender=account, direct=direct), PEOPLE).writer is Writer.COMPANY


@pytest.mark.parametrize("direct", [False, True])
@pytest.mark.parametrize(
    "affiliation", [ACME, "domain:acme.example", "domain:help.acme.example", "domain:ACME.example."]
)
def test_whom_the_platform_confirms_to_belong_to_the_company_a_person_looks_at(affiliation: str, direct: bool) -> None:
    by = match.posted_by(post(sender="twitter:99", direct=direct, affiliations=("twitter:5", affiliation)), PEOPLE)

    assert by.writer is Writer.STRANGER
    assert "twitter:99" in by.saw


@pytest.mark.parametrize(
    "affiliations",
    [
        (),
        ("twitter:5",),
        ("mastodon:42",),
        ("acme.example",),
        ("domain:",),
        ("",),
        ("domain:notacme.example",),
        ("domain:acme.example.evil.example",),
        ("domain:example",),
    ],
)
def test_anybody_else_is_of_no_concern(affiliations: tuple[str, ...]) -> None:
    assert match.posted_by(post(sender=TROLL, affiliations=affiliations), PEOPLE).writer is Writer.BYSTANDER


def test_a_domain_where_everybody_can_have_an_address_makes_nobody_the_company() -> None:
    people = match.Accounts(ids=frozenset({ACME}), domains=frozenset({"gmail.com"}))

    by = match.posted_by(post(sender=TROLL, affiliations=("domain:gmail.com",)), people)

    assert by.writer is Writer.BYSTANDER


def test_nobody_is_not_the_company() -> None:
    nobody = match.Accounts(ids=frozenset({""}), domains=frozenset({""}))

    assert match.posted_by(post(sender="", affiliations=("", "domain:")), nobody).writer is Writer.BYSTANDER
    assert not match.is_own_post(post(sender=""), {""})


def test_our_own_posts_are_known_by_the_account() -> None:
    assert match.is_own_post(post(sender=ME), {ME})
    assert not match.is_own_post(post(sender=ACME), {ME})
    assert not match.is_own_post(post(sender="twitter:71"), {ME})


def test_the_same_number_on_another_platform_is_somebody_else() -> None:
    assert match.posted_by(post(sender="mastodon:42"), PEOPLE).writer is Writer.BYSTANDER


_NAMES = st.one_of(
    st.sampled_from(
        [
            "Acme Help (@acmehelp)",
            "Acme Help (@acmehe1p)",
            "Acme Help (@acme_help)",
            "\u0410cme Help (@\u0430cmehelp)",  # Cyrillic A
            "Acme Help \u2713 (@acmehelp_)",
            ACME,
            "twitter:42 (@twitter:42)",
            "",
        ]
    ),
    st.text(max_size=40),
)
_HANDLES = st.one_of(st.sampled_from(["acmehelp", "acmehe1p", "acme", "42", ACME, ""]), st.text(max_size=20))
_TEXTS = st.one_of(
    st.sampled_from(
        [
            "@acmehelp says: two days.",
            "Official answer of @acmehelp (twitter:42): your order is on its way. ^Acme",
            f"{OURS} {ACME} acme.example",
            "I am Acme Help, affiliated with domain:acme.example",
        ]
    ),
    st.text(max_size=200),
)
_IDS = st.one_of(
    st.sampled_from(["twitter:421", "twitter:4", "twitter:042", "TWITTER:42", "42", " twitter:42", "mastodon:42", ""]),
    st.integers(min_value=100).map("twitter:{}".format),
)


@given(sender=_IDS, name=_NAMES, handle=_HANDLES, text=_TEXTS, direct=st.booleans(), there=st.booleans())
def test_a_passer_by_is_never_the_company_whatever_they_call_themselves(
    sender: str, name: str, handle: str, text: str, direct: bool, there: bool
) -> None:
    conversation = OURS if there else "twitter:500"
    facts = post(sender=sender, name=name, handle=handle, text=text, direct=direct, conversation=conversation)

    assert match.posted_by(facts, PEOPLE).writer is Writer.BYSTANDER


@given(
    sender=st.sampled_from([ACME, ACME_DE]),
    text=_TEXTS,
    name=_NAMES,
    replied_to=st.sampled_from([OURS, FOLLOW_UP, "twitter:1999", "twitter:2000", ""]),
    others=st.integers(min_value=0, max_value=30),
)
def test_a_post_of_the_company_in_our_conversation_always_counts_for_its_request(
    sender: str, text: str, name: str, replied_to: str, others: int
) -> None:
    cited = tuple(dict.fromkeys(one for one in (replied_to, OURS) if one))
    facts = post(sender=sender, text=text, name=name, cited=cited, conversation=OURS)

    one = found(facts, *(stands_open(number + 10) for number in range(others)))

    assert one is not None
    assert (one.request_ids, one.strength) == ((1,), Strength.CERTAIN)
    assert match.posted_by(facts, PEOPLE).writer is Writer.COMPANY


# --- to whom they reply ---


def replies_to(*whom: str) -> Facts:
    facts = post(cited=("twitter:1999", OURS), conversation=OURS)
    return replace(facts, headers={**facts.headers, posts.ANSWERS: whom})


@pytest.mark.parametrize(
    ("facts", "ours", "strength"),
    [
        (replies_to("twitter:555"), {ME}, Strength.WEAK),
        (replies_to(ME), {ME}, Strength.CERTAIN),
        (replies_to(ACME_DE), {ME}, Strength.CERTAIN),
        (replies_to(), {ME}, Strength.CERTAIN),
        (replies_to("twitter:555"), set(), Strength.CERTAIN),
    ],
)
def test_a_reply_to_a_passer_by_in_our_conversation_is_a_guess_only(
    facts: Facts, ours: set[str], strength: Strength
) -> None:
    one = found(facts)
    assert one is not None

    assert posts.unless_to_others(one, facts, theirs=PEOPLE, ours=ours).strength is strength


def test_a_reply_to_our_own_post_is_certain_whomever_else_it_names() -> None:
    facts = replace(replies_to("twitter:555"), cited_ids=(OURS,))
    one = found(facts)
    assert one is not None

    assert posts.unless_to_others(one, facts, theirs=PEOPLE, ours={ME}).strength is Strength.CERTAIN
