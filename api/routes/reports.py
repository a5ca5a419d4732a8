"""The monthly report (月报)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.exceptions import RequestValidationError

from api.params import Database, IdFilter, Language, Visitor
from gateway.reports.model import Report
from gateway.reports.month import Month, MonthError
from gateway.reports.monthly import monthly
from gateway.reports.rendering import Format, render

router = APIRouter(tags=["reports"])

_FILES: dict[str, dict[str, object]] = {form.media_type: {} for form in (Format.XLSX, Format.DOCX)}
_Month = Annotated[str, Query(description="`YYYY-MM`", max_length=10)]


@router.get("/reports/monthly", response_class=Response, responses={200: {"model": Report, "content": _FILES}})
def get_monthly(
    *,
    conn: Database,
    request: Request,
    who: Visitor,
    language: Language,
    month: _Month,
    form: Annotated[Format, Query(alias="format")] = Format.JSON,
    estate_id: IdFilter = None,
) -> Response:
    """Homes, alerts, visits, cases, devices, quarantine and privacy in a month; of the present one, up to now."""
    kept_days = request.app.state.settings.passages_days
    try:
        made = monthly(
            conn,
            Month.parse(month),
            now=datetime.now(UTC),
            passages_days=kept_days,
            estate_ids=who.among(estate_id),
        )
    except MonthError as error:
        raise RequestValidationError([{"loc": ("query", "month"), "msg": str(error), "type": "value_error"}]) from error
    headers = {} if form is Format.JSON else {"Content-Disposition": f'attachment; filename="monthly-{month}.{form}"'}
    return Response(render(language, made, form), media_type=form.media_type, headers=headers)
