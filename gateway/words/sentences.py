"""Sentences about alerts, made when they are read: the store keeps only codes and figures."""

from __future__ import annotations

from detectors.findings import Evidence
from gateway.alerts.model import Alert
from gateway.words import text, text_or, texts
from gateway.words.figures import day, figure, span


def evidence_text(language: str, item: Evidence) -> str:
    """One fact as a sentence without a full stop, with what it is compared with where that is known."""
    key = f"evidence.{item.code}"
    if key not in texts(language):
        return f"{item.code}: {figure(language, item.value, item.unit)}"
    facts = {
        "value": figure(language, item.value, item.unit),
        "baseline": "" if item.baseline is None else figure(language, item.baseline, item.unit),
        "start": day(language, item.start),
        "end": day(language, item.end),
        "span": span(language, item.start, item.end),
    }
    tail = "" if item.baseline is None else text_or(language, f"baseline.{item.code}", "")
    return texts(language)[key].format(**facts) + tail.format(**facts)


def name_of(language: str, alert: Alert) -> str:
    """What is suspected, with the subtype where one is known."""
    kind = text(language, f"kind.{alert.kind.value}")
    if alert.subtype is None:
        return kind
    subtype = text_or(language, f"subtype.{alert.subtype}", alert.subtype)
    return text(language, "summary.subtype", kind=kind, subtype=subtype)


def strongest(alert: Alert) -> Evidence:
    """The fact that weighs most."""
    return max(alert.evidence, key=lambda item: item.weight)


def summary(language: str, alert: Alert) -> str:
    """An alert in one line: what, since when, and the strongest fact."""
    return text(
        language,
        "summary.alert",
        name=name_of(language, alert),
        since=day(language, alert.since),
        fact=evidence_text(language, strongest(alert)),
    )


def because(language: str, reason: str) -> str:
    """Why a change was made: the gateway's codes in words, a person's words as they are."""
    return text_or(language, f"because.{reason}", reason)
