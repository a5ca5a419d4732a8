"""What a program noted beside a reason, in a reader's words: the sentences that stand in quarantine most often.

Details are written by codecs and by their decoder, in English and for whoever mends a device. One that is not known
here is shown as it stands.
"""

from __future__ import annotations

import re

from gateway.words import text, text_or

_FIELD = r"(?: - at `\$\.?(?P<field>[^`]*)`)?"

# Of each sentence its form and the text under `detail.`.
_FORMS = tuple(
    (re.compile(form), key)
    for form, key in (
        (rf"Object missing required field `(?P<missing>[^`]*)`{_FIELD}", "missing"),
        (rf"Invalid enum value (?P<value>'[^']*'|\S+){_FIELD}", "not_allowed"),
        (rf"Expected `(?P<wanted>[^`]*)`, got `(?P<got>[^`]*)`{_FIELD}", "other_type"),
        (rf"Invalid RFC3339 encoded datetime{_FIELD}", "no_time"),
        (rf"(?:Number|Integer value) out of range{_FIELD}", "out_of_range"),
        (r"JSON is malformed: .*\(byte (?P<byte>\d+)\)", "malformed"),
        (r"Input data was truncated", "cut_off"),
        (r"(?P<ahead>\d+) s ahead of the gateway's clock, (?P<allowed>\d+) allowed", "ahead"),
        (r"(?P<days>\d+) days old, (?P<allowed>\d+) allowed", "old"),
        (r"a reading of (?P<told>\w+), the lists say (?P<listed>\w+)", "reading_of_other"),
        (r"a door event, the lists say (?P<listed>\w+)", "door_event_of_other"),
        (r"(?P<name>\w+) is an identity card's number, which is not kept: .*", "identity_number"),
        (r"(?P<address>\d+): its registers fall within one message, .*", "other_times"),
    )
)
_LINE = re.compile(r"line (?P<line>\d+): (?P<rest>.*)", re.DOTALL)


def detail_text(language: str, detail: str) -> str:
    """The detail in the language asked for where its sentence is known, else as it stands."""
    if line := _LINE.fullmatch(detail):
        return text(language, "detail.line", line=line["line"], rest=detail_text(language, line["rest"]))
    for form, key in _FORMS:
        if found := form.fullmatch(detail):
            return text(language, f"detail.{key}", **_figures(language, found))
    return detail


def _figures(language: str, found: re.Match[str]) -> dict[str, str]:
    """What stood in the sentence; kinds of devices by their names, a fault of no field as the whole message's."""
    figures = {name: text_or(language, f"device_kind.{said}", said) for name, said in found.groupdict("").items()}
    if figures.get("field") == "":
        figures["field"] = text(language, "detail.whole")
    return figures
