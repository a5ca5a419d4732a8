"""A city's own words stand in place of the catalogue's, and only of texts that there are."""

import pytest

from gateway import words
from gateway.errors import ConfigError
from gateway.words.own import read_own


@pytest.fixture
def read(tmp_path):
    def of(text):
        path = tmp_path / "city.toml"
        path.write_text(text, "utf-8")
        return read_own(path)

    yield of
    words.use({})


def test_without_a_file_or_a_table_the_catalogue_stands(read):
    assert read_own(None) == {}
    assert read("vacancy_clock_days = 20") == {}


def test_own_words_are_used_and_the_rest_stays(read):
    own = read('[words.zh-CN]\n"kind.vacancy" = "疑似长期空置"\nevidence.water_absent = "{span}用水仅{value}"\n')
    words.use(own)
    assert words.text("zh-CN", "kind.vacancy") == "疑似长期空置"
    assert words.texts("zh-CN")["evidence.water_absent"] == "{span}用水仅{value}"
    assert words.text("zh-CN", "kind.leak") == "疑似漏水"
    assert words.text("en", "kind.vacancy") == "possible vacancy"
    words.use({})
    assert words.text("zh-CN", "kind.vacancy") == "疑似空置"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('words = "short"', "words: must be tables, such as [words.zh-CN]"),
        ("[words.fr]", "words.fr: must be a table of one of zh-CN, en"),
        ('[words.en]\n"kind.vacanci" = "x"', "kind.vacanci: is no text of the catalogue; meant: kind.vacancy?"),
        ('[words.en]\nkind = "x"', "kind: is no text of the catalogue"),
        ('[words.en]\n"kind.vacancy" = 3', "kind.vacancy: must be a text"),
        ('[words.en]\n"kind.vacancy" = " "', "kind.vacancy: must be a text"),
        ('[words.en]\n"kind.vacancy" = "for {days}"', "has no figure {days}; there is: none"),
        ('[words.en]\n"evidence.leak_days" = "{dayz}"', "has no figure {dayz}; there is: {span}, {value}"),
        ('[words.en]\n"kind.vacancy" = "for {"', "has a brace that is not closed"),
        ("words =", "is not TOML"),
    ],
)
def test_what_is_wrong_is_refused_by_name(read, text, says):
    with pytest.raises(ConfigError) as caught:
        read(text)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
