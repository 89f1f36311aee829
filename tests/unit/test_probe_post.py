"""What is asked where everybody can read it: the table [de.post] of a probe, and the posts that are shipped."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from itertools import combinations
from pathlib import Path

import pytest

from slawatch import manners, probe
from slawatch.errors import ConfigError
from slawatch.model import Form, Probe, Variant, Wording
from slawatch.plan import word

SHIPPED = Path(__file__).parents[2] / "probes"
PROBES = probe.load_all([SHIPPED], judge=False)
LANGS = ("de", "en")
FOR_ANYBODY = sorted(name for name, one in PROBES.items() if not one.customer)
each_probe = pytest.mark.parametrize("name", FOR_ANYBODY)
SPACE = "leave it out, or write a space after the full stop"
MENTION = "would mention somebody; leave it to slawatch who is asked"
MOST = "write at most 240, as X counts"
NAMED = "with a company's name of 25 letters; "
LEAVE = "leave the time to the company; it is what is measured"
EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf]")

GOOD = """\
[en]
expects = ["delivery time in days"]
follow_up = "Nothing particular. {name}"

[en.post]
texts = [
    "How long does delivery take?",
    "Does {company} deliver quickly?",
]
follow_up = "In general, please."

[[en.variant]]
subject = "Delivery times ({reference})"
body = "How long does delivery take? {name}"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "delivery.toml"
    path.write_text(text, encoding="utf-8")
    return path


def mistakes(folder: Path, text: str) -> list[str]:
    path = write(folder, text)
    with pytest.raises(ConfigError) as caught:
        probe.load(path)
    return [line.removeprefix(f"{path}:") for line in caught.value.problems]


def about_post(folder: Path, post: str) -> list[str]:
    """Return what is wrong with GOOD once this is its first post, without place and quotation."""
    return mistakes(folder, GOOD.replace("How long does delivery take?", post, 1))


# --- the shipped posts ---


@each_probe
def test_what_anybody_can_ask_is_worded_five_times_for_the_public(name: str) -> None:
    for lang in LANGS:
        wording = PROBES[name].wordings[lang]
        assert len(wording.posts) == 5
        assert wording.post_follow_up


def test_what_only_customers_ask_is_not_for_the_public() -> None:
    customers = [one for one in PROBES.values() if one.customer]

    assert customers
    assert not any(wording.posts for one in customers for wording in one.wordings.values())


@each_probe
def test_a_shipped_post_has_good_manners(name: str) -> None:
    assert probe.lint(PROBES[name]) == []


@each_probe
def test_a_shipped_post_is_short_and_asks_in_its_language(name: str) -> None:
    common = {
        "de": {"und", "oder", "die", "bei", "ist", "man", "es", "wie", "der", "ihr", "sie"},
        "en": {"the", "and", "do", "is", "of", "to", "you", "what", "does", "for"},
    }
    for lang in LANGS:
        for index in range(5):
            text = word(PROBES[name], lang, index, company="x" * 25, name="Kim Doe", reference="k7f3", form=Form.POST)
            assert 60 <= probe.post_length(text.body) <= 200, text.body
            assert "?" in text.body
            assert text.body[0].isupper()
            words = set(re.findall(r"\w+", text.body.lower()))
            other = "en" if lang == "de" else "de"
            assert len(words & common[lang]) > len(words & common[other]), text.body


@each_probe
def test_a_shipped_follow_up_asks_nothing_and_suits_every_form_of_address(name: str) -> None:
    for lang in LANGS:
        said = PROBES[name].wordings[lang].post_follow_up
        assert 60 <= probe.post_length(said) <= 200
        assert "?" not in said  # whoever is asked something has to write once more
        assert not re.search(r"\b(?:Sie|Ihr\w*|ihr|euch|eure\w*)\b", said)  # some posts say du, some Sie


@each_probe
def test_no_two_shipped_posts_of_a_probe_are_nearly_the_same(name: str) -> None:
    """Platforms take what is nearly the same for unwanted advertisement."""
    for lang in LANGS:
        for first, second in combinations(PROBES[name].wordings[lang].posts, 2):
            assert shared(first, second) < 0.6, (first, second)
            assert SequenceMatcher(None, words_of(first), words_of(second)).ratio() < 0.45, (first, second)
            assert words_of(first)[:2] != words_of(second)[:2]


def test_no_two_shipped_posts_at_all_are_nearly_the_same() -> None:
    for lang in LANGS:
        posts = [post for name in FOR_ANYBODY for post in PROBES[name].wordings[lang].posts]
        assert all(shared(first, second) < 0.7 for first, second in combinations(posts, 2))


def test_a_few_shipped_posts_hold_an_emoji_and_none_holds_two() -> None:
    posts = [post for name in FOR_ANYBODY for lang in LANGS for post in PROBES[name].wordings[lang].posts]
    found = [len(EMOJI.findall(post)) for post in posts]

    assert max(found) == 1
    assert 0 < sum(found) < len(posts) / 5


def words_of(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def shared(first: str, second: str) -> float:
    """Return the share of the shorter one's different words that the other one holds too."""
    one, other = set(words_of(first)), set(words_of(second))
    return len(one & other) / min(len(one), len(other))


# --- reading ---


def test_posts_are_read_as_written(tmp_path: Path) -> None:
    wording = probe.load(write(tmp_path, GOOD)).wordings["en"]

    assert wording.posts == ("How long does delivery take?", "Does {company} deliver quickly?")
    assert wording.post_follow_up == "In general, please."
    assert len(wording.variants) == 1


def test_a_probe_need_not_be_for_the_public(tmp_path: Path) -> None:
    path = write(tmp_path, re.sub(r"\[en\.post\].*?\n\n", "", GOOD, flags=re.DOTALL))

    wording = probe.load(path).wordings["en"]

    assert (wording.posts, wording.post_follow_up) == ((), "")


@pytest.mark.parametrize(
    ("written", "instead", "expected"),
    [
        ("texts =", "text =", '6: en.post: there is no key "text": did you mean "texts"?'),
        ("texts =", "text =", '5: en.post.texts: is missing; list the wordings: ["…?", "…?"]'),
        (
            '[\n    "How long does delivery take?",\n    "Does {company} deliver quickly?",\n]',
            "[]",
            '6: en.post.texts: is missing; list the wordings: ["…?", "…?"]',
        ),
        (
            '[\n    "How long does delivery take?",\n    "Does {company} deliver quickly?",\n]',
            '"How?"',
            '6: en.post.texts: "How?" is no list; write ["…", "…"]',
        ),
        (
            '"How long does delivery take?"',
            "3",
            '7: en.post.texts[1]: "3" is no text; write it in quotes or leave it out',
        ),
        (
            '\nfollow_up = "In general, please."\n',
            "\n",
            "5: en.post.follow_up: is missing; write it as a text in quotes",
        ),
        (
            '"In general, please."',
            '"In general. {name}"',
            '10: en.post.follow_up: "{name}" is not filled in here; leave it out',
        ),
        (
            "Does {company} deliver",
            "Does {name} deliver",
            '8: en.post.texts[2]: "{name}" is not filled in here; write "{company}"',
        ),
        (
            "Does {company} deliver",
            "{reference}: do you deliver",
            '8: en.post.texts[2]: "{reference}" is not filled in here; write "{company}"',
        ),
        (
            '"How long does delivery take?"',
            '"How long\\ndoes it take?"',
            '7: en.post.texts[1]: "How long\\ndoes it take?" is more than one line; write it on one',
        ),
        (
            "How long does",
            "@shop, how long does",
            '7: en.post.texts[1]: "@" in "@shop, how long does delivery take?" ' + MENTION,
        ),
        (
            "delivery take?",
            "delivery take? #fail",
            '7: en.post.texts[1]: "#" in "How long does delivery take? #fail" would tag it; leave it out',
        ),
        (
            "delivery take?",
            "delivery take?See shop.example/a now",
            '7: en.post.texts[1]: "shop.example/a" would become a link; ' + SPACE,
        ),
        (
            "delivery take?",
            "delivery take.",
            '7: en.post.texts[1]: "How long does delivery take." asks nothing; write a question, with its "?"',
        ),
        (
            "delivery take?",
            "delivery " + "really " * 31 + "take?",
            '7: en.post.texts[1]: "How long does delivery really really really really really r…" counts 245; ' + MOST,
        ),
        (
            "deliver quickly?",
            "deliver " + "really " * 29 + "quickly?",
            '8: en.post.texts[2]: "Does {company} deliver really really really really really r…" counts 250 '
            + NAMED
            + MOST,
        ),
        (
            "In general, please.",
            "In general, please. " * 13,
            '10: en.post.follow_up: "In general, please. In general, please. In general, please.…" counts 259; ' + MOST,
        ),
        (
            "In general, please.",
            "See shop.example please.",
            '10: en.post.follow_up: "shop.example" would become a link; ' + SPACE,
        ),
        (
            "[en]\n",
            "customer = true\n\n[en]\n",
            "7: en.post: what only a customer can ask is nothing for the public; leave this table out",
        ),
        (
            "delivery take?",
            "delivery take? My lawyer asks.",
            '7: en.post.texts[1]: threat: "lawyer": ask only; announce nothing',
        ),
        (
            "In general, please.",
            "In general, by Friday I expect it.",
            '10: en.post.follow_up: deadline: "by Friday I expect": ' + LEAVE,
        ),
    ],
)
def test_a_mistake_in_a_post_is_shown_on_its_line(tmp_path: Path, written: str, instead: str, expected: str) -> None:
    assert written in GOOD
    start, _, rest = GOOD.partition(written)

    assert expected in mistakes(tmp_path, f"{start}{instead}{rest}")


def test_a_post_table_that_is_none_is_named(tmp_path: Path) -> None:
    text = GOOD.replace("[en.post]", "[en.other]").replace("[en]\n", '[en]\npost = "How?"\n')

    assert '2: en.post: "How?" is no table; write [en.post] on a line of its own' in mistakes(tmp_path, text)


@pytest.mark.parametrize(
    "post", ["Wen fragt man, {company}.example?", "Wirklich? https://a", "HTTPS://a?", "WWW.shop?", "Gut.Danke?"]
)
def test_whatever_a_platform_may_make_a_link_of_is_refused(tmp_path: Path, post: str) -> None:
    assert any("would become a link" in line for line in about_post(tmp_path, post))


@pytest.mark.parametrize("sign", ["\N{FULLWIDTH COMMERCIAL AT}", "\N{FULLWIDTH NUMBER SIGN}"])
def test_a_wide_sign_is_one_too(tmp_path: Path, sign: str) -> None:
    assert any(re.search("would (?:mention|tag)", line) for line in about_post(tmp_path, f"Wie {sign}geht das?"))


@pytest.mark.parametrize(
    "post", ["Geht das z.B. ab 9.30 Uhr, d.h. am 1.5.?", "Do you open at 9 a.m. daily, e.g. on 1.5.?"]
)
def test_a_full_stop_alone_makes_no_link(tmp_path: Path, post: str) -> None:
    assert (
        probe.load(write(tmp_path, GOOD.replace("How long does delivery take?", post, 1))).wordings["en"].posts[0]
        == post
    )


def test_the_longest_post_leaves_room_for_a_mention(tmp_path: Path) -> None:
    longest = f"Does {{company}} deliver {'y' * (probe.POST_MAX - 25 - 15)}?"

    probe.load(write(tmp_path, GOOD.replace("Does {company} deliver quickly?", longest)))

    assert any("counts 241" in line for line in about_post(tmp_path, longest.replace("yy", "yyy", 1)))
    assert probe.POST_MAX + len("@") + 15 + len(" ") <= 280


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("abc", 3),
        ("Größe", 5),
        ("Gro\N{COMBINING DIAERESIS}", 3),  # composed first
        ("„Ja“ – ’s", 9),
        ("9\N{THIN SPACE}h 5\N{PRIME}", 6),
        ("配送", 4),
        ("📦", 2),
        ("€ …", 5),
    ],
)
def test_length_is_counted_as_x_counts(text: str, length: int) -> None:
    assert probe.post_length(text) == length


def test_posts_and_their_follow_up_are_judged_like_letters() -> None:
    wording = Wording(
        variants=(Variant(subject="Hello {reference}", body="When? {name}"),),
        expects=("x",),
        follow_up="In general. {name}",
        posts=("When do you open?", "Urgent request: when do you open?"),
        post_follow_up="My lawyer asks.",
    )

    found = list(manners.offences(Probe(name="p", wordings={"de": wording})))

    assert [(offence.path, offence.rule) for offence in found] == [
        (("de", "post", "texts", 1), "deadline"),
        (("de", "post", "follow_up"), "threat"),
    ]
