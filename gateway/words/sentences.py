"""Sentences about alerts, made when they are read: the store keeps only codes and figures."""

from __future__ import annotations

from datetime import date

from detectors.findings import Clearing, Evidence, Kind
from gateway.alerts.life import LifePolicy, ends_by_itself
from gateway.alerts.model import ENDED, Alert
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


def clearing_text(language: str, item: Clearing, *, section: str = "clearing") -> str:
    """What would clear an alert, as a sentence without a full stop; in `section` `clearing_ask` as a visit asks it."""
    key = f"{section}.{item.code}"
    value = figure(language, item.value, item.unit)
    if key not in texts(language):
        return f"{item.code}: {value}"
    return text(
        language,
        key,
        value=value,
        limit="" if item.limit is None else figure(language, item.limit, item.limit_unit),
        start=day(language, item.start),
        end=day(language, item.end),
        span=span(language, item.start, item.end),
    )


def clearing_note(language: str, alert: Alert, policy: LifePolicy) -> str:
    """How an alert ends once it is clear; empty where nothing is said that would clear it."""
    if alert.state in ENDED or not alert.clears:
        return ""
    which = "all" if alert.kind is Kind.DEVICE else "any"
    after = figure(language, policy.gone_days[alert.kind], "days")
    ends = "itself" if ends_by_itself(alert) else "person"
    return text(language, f"clearing_note.{which}") + text(language, f"clearing_note.{ends}", days=after)


def summary(language: str, alert: Alert) -> str:
    """An alert in one line: what, since when, and the strongest fact."""
    fact = max(alert.evidence, key=lambda item: item.weight)
    return line(language, kind=alert.kind.value, subtype=alert.subtype, since=alert.since, fact=fact)


def line(language: str, *, kind: str, subtype: str | None, since: date, fact: Evidence) -> str:
    """What is suspected, since when, and one fact; a fact that begins with that day says it for both."""
    name, begun, told = name_of(language, kind, subtype), day(language, since), evidence_text(language, fact)
    if told.startswith(begun):
        return text(language, "summary.of_fact", name=name, fact=told)
    return text(language, "summary.alert", name=name, since=begun, fact=told)


def name_of(language: str, kind: str, subtype: str | None) -> str:
    """What is suspected, with the subtype where one is known."""
    name = text(language, f"kind.{kind}")
    if subtype is None:
        return name
    return text(language, "summary.subtype", kind=name, subtype=text_or(language, f"subtype.{subtype}", subtype))


def because(language: str, reason: str) -> str:
    """Why a change was made: the gateway's codes in words, a person's words as they are."""
    return text_or(language, f"because.{reason}", reason)
