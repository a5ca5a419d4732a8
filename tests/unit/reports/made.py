"""A month's figures as the tests need them."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from gateway.reports.figures import Counted, estate_figures
from gateway.reports.model import PrivacyFigures, QuarantineFigures, Report

NOTHING = Counted(
    tenure={},
    alerts={},
    suspected_vacant=0,
    visits={},
    cases={},
    cases_live={},
    devices={},
    heard=0,
    known={},
    ailing=0,
    conditions={},
)
BUSY = Counted(
    tenure={"leased": 80, "vacant": 15, "repair": 5},
    alerts={
        ("sublet", "red", "opened"): 3,
        ("sublet", "red", "confirmed"): 1,
        ("sublet", "red", "live"): 2,
        ("leak", "yellow", "opened"): 1,
    },
    suspected_vacant=4,
    visits={
        ("planned", None): 2,
        ("done", "confirmed_sublet"): 3,
        ("done", "normal"): 4,
        ("done", "no_answer"): 1,
    },
    cases={"opened": 3, "closed": 1, "handed_over": 1, "overdue": 1},
    cases_live={"found": 1, "rectification_ordered": 2},
    devices={"water": 100, "door": 4},
    heard=101,
    known={"water": 1500.0, "door": 120.0},
    ailing=2,
    conditions={"silent": 2, "battery_low": 1},
)


def estate(counted=BUSY, name="枫林苑"):
    return estate_figures("e1", name, counted, days=30)


def report(*estates, complete=True):
    return Report(
        month="2026-11",
        first=date(2026, 11, 1),
        until=date(2026, 11, 30),
        complete=complete,
        made_at=datetime(2026, 12, 1, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai")),
        estates=estates,
        quarantine=(QuarantineFigures(reason="unknown_device", new=5, replayed=2, held=3),),
        privacy=PrivacyFigures(images_removed=None, images_removed_ever=7, looks=12, passages_days=180),
    )
