"""The claim check: what a passage says, and what only looks as if it said it."""

from __future__ import annotations

import pytest

from bot.check import check
from bot.facts import facts

PASSAGE = (
    "The agency said on Tuesday that 4.2 million people had fled by March 2023. Ukraine's President Volodymyr "
    "Zelenskyy did not attend the meeting in Geneva. The budget rose 5% to $9.7bn. “We will not wait any longer,” said "
    "Ms. Mara Lindqvist, who leads the World Health Organization's office in the U.S. capital. About 1,250 homes were "
    "lost in nine days. In 2014 the bridge was opened. It was painted again in 2019."
)
HEADER = "Exodus slows · UN News · 2023-03-14"


@pytest.mark.parametrize(
    "claim",
    [
        "By March 2023, 4.2 million people had fled.",
        "Zelenskyy did not attend the meeting.",
        "Ukrainian President Zelenskyy was not at the meeting in Geneva.",
        "The budget rose by five percent to $9.7 billion.",
        "About 4 million people had fled.",
        "More than 1,200 homes were lost.",
        "1250 homes were lost in 9 days.",
        "Mara Lindqvist leads the WHO's office in the US capital.",
        "“We will not wait any longer”, Lindqvist said.",
        "The bridge was opened in 2014.",
        "In March, the agency said that millions of people had fled.",
        "The United States capital has an office of the WHO.",
    ],
)
def test_what_the_passage_says_is_supported(claim: str) -> None:
    assert check(claim, PASSAGE, HEADER).lacking == ()


@pytest.mark.parametrize(
    ("claim", "lacking"),
    [
        ("9.7 million people had fled by March 2024.", ("“9.7”", "“March 2024”")),  # the case that a peer got wrong
        ("4.2 million people had fled by April 2023.", ("“April 2023”",)),
        ("4.2 billion people had fled by March 2023.", ("“4.2”",)),
        ("The budget rose 6%.", ("“6”",)),
        ("The budget rose to €9.7bn.", ("“€9.7bn”",)),
        ("About 1,250 homes were lost in nine weeks.", ("“nine”",)),
        ("Zelenskyy did attend the meeting.", ("whether “attend” is so or not",)),
        ("The agency did not say that millions had fled by March 2023.", ("whether “millions” is so or not",)),
        ("Joe Biden did not attend the meeting.", ("“Joe Biden”",)),
        ("“We will wait a little longer”, Lindqvist said.", ("the quotation “We will wait a little longer”",)),
        ("The bridge was opened in 2019.", ("“2019”",)),  # which is in the passage, but said of something else
        ("Mara Lindqvist opened the bridge.", ("one place that says all of it",)),
        ("The bridge did not attend the meeting in Geneva.", ("one place that says all of it",)),
        ("Bakers in the old town want later buses on market days.", ("most of its words",)),
    ],
)
def test_what_it_does_not_say_is_named(claim: str, lacking: tuple[str, ...]) -> None:
    found = check(claim, PASSAGE, HEADER)
    assert found.lacking == lacking
    assert not found.supported


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        (
            "The drug was banned by the United States in March.",
            "“They told us nothing,” a nurse said. The drug was banned by Norway in March.",
        ),
        ("The board was led by Anna Nina Davis in March.", "The board was led by Berg and Holm in March."),
    ],
)
def test_a_small_word_is_no_short_name(claim: str, passage: str) -> None:
    assert check(claim, passage).lacking


@pytest.mark.parametrize(
    ("claim", "passage", "lacking"),
    [
        ("Zuckerberg bought Twitter for $44 billion.", "Musk bought Twitter for $44 billion.", "“Zuckerberg”"),
        ("Zuckerberg bought Twitter for $44 billion.", "Elon Musk bought Twitter for $44 billion.", "“Zuckerberg”"),
        ("Sweden banned the new drug in March.", "Norway banned the new drug in March.", "“Sweden”"),
        ("Sweden has not banned the drug.", "The Kremlin has not banned the drug.", "“Sweden”"),
    ],
)
def test_another_one_word_subject_is_named(claim: str, passage: str, lacking: str) -> None:
    assert check(claim, passage).lacking == (lacking,)


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("Police arrested two men in the harbour.", "Officers arrested two men in the harbour."),
        ("Authorities arrested two men in the harbour.", "Police arrested two men in the harbour."),
        ("Police arrested two men in the harbour.", "Officers in Lervik arrested two men in the harbour."),
        ("Rescuers found two men in the harbour.", "Berg and two others found two men in the harbour."),
        ("Russia banned the new drug in March.", "Moscow banned the new drug in March. Russian nurses objected."),
        ("Furious residents blocked the road.", "Angry residents blocked the road."),
        ("Staff blocked the road to the harbour.", "Crew blocked the road to the harbour, and the crew stayed."),
        ("Berg bought the company in March.", "He bought the company in March. Berg is known for it."),
    ],
)
def test_another_word_at_the_beginning_need_not_be_another_name(claim: str, passage: str) -> None:
    assert check(claim, passage).lacking == ()


def test_a_name_that_begins_with_another_letter_than_a_to_z_is_one() -> None:
    rise = "The rise was accepted on Friday by {}."
    assert check(rise.format("Élodie Öberg"), rise.format("Ada Berg")).lacking == ("“Élodie Öberg”",)
    assert check(rise.format("Élodie Öberg"), rise.format("Élodie Öberg")).supported


def test_a_short_name_in_upper_case_is() -> None:
    for short in ("US", "U.S.", "USA"):
        assert check("The drug was banned by the United States.", f"The drug was banned by the {short}.").supported
    long = "The board of the ferry company was led in March by {}."
    assert check(long.format("Anna Nina Davis"), long.format("AND")).supported


@pytest.mark.parametrize(
    ("claim", "passage", "lacking"),
    [
        ("The US beat Iran 1-0 in Doha.", "England beat Iran 1-0 in Doha. The match was close.", "“US”"),
        ("The U.S. sent 31 tanks to Ukraine.", "Germany sent 31 tanks to Ukraine.", "“US”"),
        ("The US sent 31 tanks to Kyiv.", "Germany sent 31 tanks to Kyiv, for US$300m. They told us so.", "“US”"),
        ("Germany sent 31 tanks to Ukraine.", "The US sent 31 tanks to Ukraine. They told us so.", "“Germany”"),
        ("The WHO declared an emergency on Friday.", "Unicef declared an emergency on Friday.", "“WHO”"),
        ("The WHO was late on Friday.", "WHO KNEW IT?\nUnicef was late on Friday.", "“WHO”"),
        ("Unicef declared an emergency on Friday.", "The WHO declared an emergency on Friday.", "“Unicef”"),
    ],
)
def test_a_name_that_is_a_small_word_but_for_its_capitals_is_looked_for(claim: str, passage: str, lacking: str) -> None:
    assert check(claim, passage).lacking == (lacking,)


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("The US sent 31 tanks to Ukraine.", "The United States sent 31 tanks to Ukraine."),
        ("The US sent 31 tanks to Ukraine.", "America sent 31 tanks to Ukraine."),
        ("The US sent 31 tanks to Ukraine.", "The U.S. sent 31 tanks to Ukraine."),
        ("The US sent 31 tanks to Ukraine.", "31 American tanks were sent to Ukraine."),
        ("The US sent 31 tanks to Ukraine.", "Washington sent 31 tanks to Ukraine."),
        ("Washington sent 31 tanks to Ukraine.", "The US sent 31 tanks to Ukraine."),
        ("America sent 31 tanks to Ukraine.", "The US sent 31 tanks to Ukraine."),
        ("The WHO declared an emergency on Friday.", "The World Health Organization declared an emergency on Friday."),
        ("The World Health Organization declared an emergency on Friday.", "The WHO declared an emergency on Friday."),
        ("US President Joe Biden left Kyiv on Monday.", "President Joe Biden left Kyiv on Monday."),
        ("The road is NOT open.", "The road is not open."),
    ],
)
def test_and_found_under_its_other_names(claim: str, passage: str) -> None:
    assert check(claim, passage).lacking == ()


def test_the_score_reads_dotted_names_as_the_other_checks_do() -> None:
    passage = "The U.N. envoy left Port Osmund. Nobody met him at the quay."
    assert check("The UN envoy left Port Osmund.", passage) == check("The U.N. envoy left Port Osmund.", passage)
    assert check("UN envoy left.", passage).supported


def test_a_claim_made_of_the_passage_itself_is_supported() -> None:
    for sentence in PASSAGE.split(". "):
        assert check(sentence, PASSAGE).lacking == ()


@pytest.mark.parametrize("claim", ["No.", "No, he did not.", "It is not so.", "He will.", "They are all there."])
def test_a_claim_of_small_words_is_not_supported_by_just_anything(claim: str) -> None:
    assert check(claim, PASSAGE, HEADER).lacking == ("most of its words",)


@pytest.mark.parametrize("claim", ["Zelenskyy did not.", "It was in March.", "In 2014.", "It was 5%.", "The US did."])
def test_one_with_a_fact_among_them_is_looked_up(claim: str) -> None:
    assert check(claim, f"{PASSAGE} The US did.", HEADER).lacking == ()


def test_nothing_supports_anything_but_an_empty_claim() -> None:
    assert not check("The moon is made of cheese.", "").supported
    assert check("", "").supported


@pytest.mark.parametrize(
    ("text", "value", "kind", "unit"),
    [
        ("$9.7bn", 9.7e9, "money", "$"),
        ("5 m", 5, "count", "metre"),
        ("£5 m", 5e6, "money", "£"),
        ("two hundred and five miles", 205, "count", "mile"),
        ("a third time", 3, "ordinal", ""),
        ("21st", 21, "ordinal", ""),
        ("forty-two percent", 42, "percent", ""),
        ("in 1999", 1999, "year", ""),
        ("1,999", 1999, "count", ""),
        ("three million dollars", 3e6, "money", "$"),
        ("five hundred thousand homes", 5e5, "count", ""),
        ("one hundred and twenty thousand", 120_000, "count", ""),
        ("one hundred and twenty thousand five hundred and six", 120_506, "count", ""),
        ("two thousand three hundred", 2300, "count", ""),
        ("two and a half million", 2.5e6, "count", ""),
        ("one and a half years", 1.5, "count", "year"),
        ("since the 1980s", 1980, "decade", ""),
        ("in the late ’80s", 1980, "decade", ""),
        ("the eighties", 1980, "decade", ""),
        ("a billion dollars", 1e9, "money", "$"),
        ("half a million homes", 5e5, "count", ""),
        ("a half-million homes", 5e5, "count", ""),
        ("a hundred and twenty thousand homes", 120_000, "count", ""),
        ("several hundred homes", 600, "count", ""),
        ("-30C", -30, "count", "degree"),
        ("(−30 °C)", -30, "count", "degree"),
        ("minus five degrees", -5, "count", "degree"),
        ("a fall of -3.5%", -3.5, "percent", ""),
        ("-$5m", -5e6, "money", "$"),
        ("90pc", 90, "percent", ""),
        ("5km", 5, "count", "kilometre"),
        ("5k", 5000, "count", ""),
        ("COVID-19", 19, "count", ""),
        ("five hundred and many", 500, "count", ""),
    ],
)
def test_numbers_are_read_with_their_units(text: str, value: float, kind: str, unit: str) -> None:
    (number,) = facts(text).numbers
    assert (number.value, number.kind, number.unit) == (value, kind, unit)


@pytest.mark.parametrize(
    ("text", "first", "second", "kind", "unit"),
    [
        ("$100 to $200 million", 1e8, 2e8, "money", "$"),
        ("$1-2 million", 1e6, 2e6, "money", "$"),
        ("between 10 and 15 percent", 10, 15, "percent", ""),
        ("between one hundred and two hundred thousand", 1e5, 2e5, "count", ""),
        ("twenty to thirty thousand", 2e4, 3e4, "count", ""),
        ("3–5 years", 3, 5, "count", "year"),
        ("between one hundred and five hundred", 100, 500, "count", ""),
        ("from 900,000 to 1.2 million", 9e5, 1.2e6, "count", ""),
        ("won 2-1", 2, 1, "count", ""),
        ("10-15", 10, 15, "count", ""),
        ("10 -15", 10, 15, "count", ""),
        ("-5 to -10C", -5, -10, "count", "degree"),
        ("5 and 6 million", 5, 6e6, "count", ""),
    ],
)
def test_both_ends_of_a_range_have_its_scale_and_unit(
    text: str, first: float, second: float, kind: str, unit: str
) -> None:
    found = facts(text).numbers
    assert [(each.value, each.kind, each.unit) for each in found] == [(first, kind, unit), (second, kind, unit)]


@pytest.mark.parametrize(
    ("sentence", "said", "other"),
    [
        ("The harbour has been closed since {}.", "the 1980s", "the 1990s"),
        ("The harbour has been closed since {}.", "the ’80s", "the 1990s"),
        ("The loan for the harbour was for {}.", "a billion dollars", "a million dollars"),
        ("Nearly all of {} homes lost their power.", "half a billion", "half a million"),
        ("The harbour lost {} visitors in the winter.", "several million", "several billion"),
        ("It was {} in the harbour on the night of the storm.", "-30C", "-10C"),
        ("It was {} in the harbour on the night of the storm.", "5 degrees", "-5 degrees"),
        ("The turnover of the harbour moved by {} in the winter.", "3.5%", "-3.5%"),
        ("The harbour lost {} of its visitors in the winter.", "90pc", "50pc"),
    ],
)
def test_a_decade_a_scale_alone_a_glued_unit_and_a_sign_are_facts(sentence: str, said: str, other: str) -> None:
    assert check(sentence.format(said), sentence.format(said)).supported
    assert check(sentence.format(said), sentence.format(other)).lacking
    assert check(sentence.format(other), sentence.format(said)).lacking


@pytest.mark.parametrize(
    ("sentence", "claim", "passage"),
    [
        ("The harbour was closed in {}.", "the 1980s", "1984"),
        ("The harbour was closed in {}.", "the 1980s", "May 1984"),
        ("The harbour was closed in {}.", "the 1990s", "the nineties"),
        ("The harbour lost {} visitors in the winter.", "half a million", "500,000"),
        ("The harbour lost {} visitors in the winter.", "half a million", "512,000"),
        ("The harbour lost {} visitors in the winter.", "a thousand", "1,020"),
        ("The harbour lost {} visitors in the winter.", "several million", "4.2 million"),
        ("The harbour lost {} visitors in the winter.", "several hundred", "340"),
        ("It was {} in the harbour on the night of the storm.", "-30C", "minus 30 degrees"),
        ("The harbour lost {} of its visitors in the winter.", "90pc", "90 per cent"),
    ],
)
def test_they_may_be_put_otherwise(sentence: str, claim: str, passage: str) -> None:
    assert check(sentence.format(claim), sentence.format(passage)).lacking == ()


def test_a_number_in_a_date_is_in_the_date_only() -> None:
    found = facts("On March 12, 2024 and 3 May, 12 of them left.")
    assert [(d.year, d.month, d.day) for d in found.dates] == [(2024, 3, 12), (None, 5, 3)]
    assert [n.value for n in found.numbers] == [12]
    assert facts("one of them said one thing").numbers == ()


def test_long_hostile_text_is_checked_in_time() -> None:
    for text in ("9" * 50_000, "A" * 50_000, "“" * 20_000, "not " * 20_000, "Mr. " * 20_000, "one hundred " * 9_000):
        check("Mr. A said “one hundred” on March 12, 2024.", text)
        check(text[:4000], "Mr. A said one hundred.")


SENATOR = "The senator, who has never lost an election, voted for the tax bill on Friday."
BELL = "Anna Bell, 45, has run the shop for 20 years."
BLAST = "The blast in Trell killed 17 and injured 40. Police arrested 12 on Saturday. It left three dead in Osmund."
MAY = "Ford may cut 500 jobs in Lervik. The minister threatened to resign over the tax bill, an aide said."


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("The senator did not vote for the tax bill on Friday.", SENATOR),
        ("Boeing did not deliver the jets.", "Boeing, unable to find parts, delivered the jets in May."),
        ("Anna Bell is 20 years old.", BELL),
        ("The blast in Trell killed 17 people.", "The blast in Trell killed 17 cattle and injured 40."),
        ("Ford will cut 500 jobs in Lervik.", MAY),
        ("The minister resigned over the tax bill.", MAY),
        ("The flight was carrying 370 people.", "Flight 370 was carrying 239 people when it disappeared."),
        ("The crash killed 45 people.", "John Smith, 45, was among 12 people killed in the crash."),
        ("The storm killed 17 people.", "The storm killed 17 of the cattle on the farm."),
        ("Tom Day, a 25-year-old, was arrested.", "Tom Day, 24, was arrested. Ann Day, 25, was not."),
        ("General Motors recalled 5,000 cars on Friday.", "Tata Motors recalled 5,000 cars on Friday."),
        ("Brown stole $2 million.", "Prosecutors allege that Brown stole $2 million."),
        ("The minister commented on the report.", "The minister declined to comment on the report."),
        (
            "Biden signed the farm bill on Monday.",
            "Trump signed the farm bill on Monday. Joe Biden had criticised the farm bill.",
        ),
        ("Russia shot down the drone.", "Ukraine shot down the drone over Trell. Russia said nothing."),
        ("It was held from February 3 to February 6.", "The fair was held on Feb. 3-5 in Trell."),
    ],
)
def test_a_false_sentence_in_the_words_of_its_passage_is_not_supported(claim: str, passage: str) -> None:
    assert check(claim, passage).lacking


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("The senator never lost an election.", SENATOR),
        ("Anna Bell is 45 years old.", BELL),
        ("John Smith, a 45-year-old, was arrested.", "John Smith, 45, was arrested on Monday."),
        ("Anna Bell has run the shop for 20 years.", BELL),
        ("The blast in Trell killed 17 people.", BLAST),
        ("Police arrested 12 people on Saturday.", BLAST),
        ("Three people died in Osmund.", "The blast left three dead in Osmund."),
        ("Nine people were hurt.", "Nine children were hurt."),
        ("Ford may cut 500 jobs in Lervik.", MAY),
        ("The minister has threatened to resign over the tax bill.", MAY),
        ("Ford might cut 500 jobs.", MAY),
        ("Prosecutors say that Brown stole $2 million.", "Prosecutors allege that Brown stole $2 million."),
        ("The firm will cut 500 jobs.", "The firm plans to cut 500 jobs."),
        ("The minister did not comment on the report.", "The minister declined to comment on the report."),
        ("New cases fell to 120 a day in May.", "The number of new cases declined to 120 a day in May."),
        (
            "The Fed raised rates on Wednesday.",
            "The Fed raised rates on Wednesday and said that it may raise them again.",
        ),
        ("The minister resigned on Monday.", "The minister, who had threatened to resign, resigned on Monday."),
        ("Visitors can bring dogs to the park.", "Visitors may bring dogs to the park."),
        ("He faces up to 10 years in prison.", "He could face up to 10 years in prison."),
        ("Apple is to open a large store in Leeds.", "Apple hopes to open a large store in Leeds."),
        ("The girl, aged 8, was found.", "The girl, 8, was found by Tom Day, 31."),
        ("The girl is 8 years old.", "The eight-year-old girl was found by Tom Day, 31."),
        ("The agreement is 25 years old.", "The agreement was signed 25 years ago. Tom Day, 61, took part."),
        ("India banned the app on Monday.", "New Delhi banned the app on Monday. India has many users."),
        ("The death toll rose to 17.", "The death toll rose on March 3 to 17."),
        ("The bank raised the rate to 5 percent in March.", "The bank raised the rate on March 22 to 5 percent."),
        ("No one was hurt, police said.", "None of the 12 passengers, police said, was hurt."),
        ("They recalled 3.2 million pounds of chicken.", "They recalled 3,200,000 pounds of chicken."),
        ("No, the council rejected the plan on Tuesday.", "The council rejected the plan on Tuesday."),
        ("Governor Greg Abbott signed the bill.", "Texas Gov. Greg Abbott signed the bill."),
        ("Sen. John Smith signed the bill.", "Senator John Smith signed the bill."),
        ("It cost £5 million.", "It cost 5 million pounds."),
        ("It cost ¥300 billion.", "It cost 300 billion yen."),
        ("The fair was held from February 3 to February 5.", "The fair was held on Feb. 3-5 in Trell."),
        ("The fair was held from February 3 to 5.", "The fair was held on Feb. 3-5 in Trell."),
        ("The fair was held from February 3 to February 5.", "The fair was held from 3 to 5 February."),
    ],
)
def test_a_true_sentence_in_the_words_of_newspapers_is_supported(claim: str, passage: str) -> None:
    assert check(claim, passage).lacking == ()
