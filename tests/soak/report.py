"""The soak's report: a table of faults, of memory and of what was counted."""

import json
from dataclasses import asdict

from soak.check import Finding
from soak.soak import Result, row
from soak.watch import Life

_FAULTS = """\
| at | fault | it took (s) | not ready (s) | caught up after (s) | rows behind at most |
| --- | --- | ---: | ---: | ---: | ---: |"""
_MEMORY = """\
| process | samples | lived (min) | 2nd quarter (MB) | last quarter (MB) | most (MB) | slope (MB/h) |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |"""
_CHECKS = """\
| check | expected | found | |
| --- | --- | --- | --- |"""
_SEEN_LONG_S = 30


def as_markdown(result: Result) -> str:
    """For people."""
    lines = [
        f"# Soak: {result.plan.minutes:g} minutes, {result.plan.rate:g} messages a second, seed {result.plan.seed}",
        "",
        "Everything is right." if result.right else "SOMETHING IS WRONG.",
        (
            f"{result.messages:,} messages; {len(result.struck)} faults, {result.caught_up} of them caught up with "
            f"before the next. All was stored {result.drained_s:.0f} s after the last message, and rolled up "
            f"{result.settled_s:.0f} s later."
        ),
        f"The devices connected {result.connections} times and used {result.generator_share:.0%} of a processor.",
        "",
        _FAULTS,
        *(row(one) for one in result.struck),
        "",
        _MEMORY,
        *(_memory(life) for life in result.lives if life.lasted_s >= _SEEN_LONG_S),
        "",
        _CHECKS,
        *(_check(one) for one in result.findings),
        "",
    ]
    return "\n".join(lines)


def as_json(result: Result) -> str:
    """For programs; with every sample."""
    told = {
        "plan": asdict(result.plan),
        "right": result.right,
        "messages": result.messages,
        "faults": [asdict(one) for one in result.struck],
        "checks": [asdict(one) for one in result.findings],
        "memory": [asdict(life) for life in result.lives],
        "looks": [asdict(look) for look in result.looks],
    }
    return json.dumps(told, default=str, indent=1)


def _memory(life: Life) -> str:
    return (
        f"| {life.name} {life.pid} | {len(life.mb)} | {life.lasted_s / 60:.1f} | {life.quarter_mb(2):.0f} "
        f"| {life.quarter_mb(4):.0f} | {max(life.mb):.0f} | {life.slope_mb_per_hour:+.1f} |"
    )


def _check(one: Finding) -> str:
    return f"| {one.what} | {_short(one.expected)} | {_short(one.found)} | {'right' if one.right else 'WRONG'} |"


def _short(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, dict):
        return ", ".join(f"{name} {count}" for name, count in value.items())
    return str(value)
