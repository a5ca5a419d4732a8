"""Errors as RFC 9457 `application/problem+json`: what is wrong and, where the user can mend it, how. No internals."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import psycopg
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from psycopg_pool import PoolTimeout
from starlette.exceptions import HTTPException

from api.cursor import CursorError
from api.language import language_of, wants_a_page
from api.pages import page
from gateway.accounts.model import ForbiddenError
from gateway.alerts.life import ActionRefusedError
from gateway.errors import DatabaseUnavailableError, NotFoundError, RefusedError
from gateway.words import text, text_or

_log = structlog.get_logger()

_DATABASE_TROUBLE = (
    psycopg.OperationalError,
    psycopg.errors.ReadOnlySqlTransaction,
    psycopg.InterfaceError,
    PoolTimeout,
    DatabaseUnavailableError,
)
MEDIA_TYPE = "application/problem+json"

_TITLES: Mapping[int, str] = {
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not_found",
    405: "method",
    409: "refused",
    422: "invalid",
    500: "internal",
    503: "unavailable",
}


def problem(
    request: Request, status: int, detail: str, *, headers: Mapping[str, str] | None = None, **more: object
) -> Response:
    """Answer with a problem; `more` are its extension members. Whoever opened a page in a browser gets a page."""
    fallback = HTTPStatus(status).phrase
    title = text_or(language_of(request), f"problem.{_TITLES.get(status, '')}", fallback)
    if wants_a_page(request):
        return page(request, "problem", heading=title, detail=detail, status=status, headers=headers)
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **jsonable_encoder(more)}
    return JSONResponse(body, status_code=status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def problem_in_words(request: Request, status: int, key: str, *, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with a problem whose detail is a text of the catalogue (`problem.<key>`)."""
    return problem(request, status, text(language_of(request), f"problem.{key}"), headers=headers, code=key)


def install(app: FastAPI) -> None:
    """Let every error of the application leave as a problem."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(CursorError, _bad_cursor)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(NotFoundError, _not_found)
    app.add_exception_handler(RefusedError, _refused)
    app.add_exception_handler(ForbiddenError, _forbidden)
    for kind in (
        psycopg.OperationalError,
        psycopg.errors.ReadOnlySqlTransaction,
        psycopg.InterfaceError,
        PoolTimeout,
        DatabaseUnavailableError,
    ):
        app.add_exception_handler(kind, database_gone)
    app.add_exception_handler(Exception, _internal)


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - the handler is registered for nothing else
    faults = [{"in": ".".join(str(part) for part in fault["loc"]), "message": fault["msg"]} for fault in error.errors()]
    detail = "; ".join(f"{fault['in']}: {fault['message']}" for fault in faults)
    return problem(request, 422, detail, errors=faults)


def _bad_cursor(request: Request, _error: Exception) -> Response:
    return problem(request, 422, text(language_of(request), "problem.cursor"))


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - the handler is registered for nothing else
    nothing = error.status_code == HTTPStatus.NOT_FOUND
    detail = text(language_of(request), "no_such.page", key=request.url.path) if nothing else error.detail
    return problem(request, error.status_code, detail, headers=error.headers)


def _not_found(request: Request, error: Exception) -> Response:
    assert isinstance(error, NotFoundError)  # noqa: S101 - the handler is registered for nothing else
    language = language_of(request)
    detail = text(language, f"no_such.{error.thing}", key=error.key) if error.thing else str(error)
    return problem(request, 404, detail)


def _forbidden(request: Request, _error: Exception) -> Response:
    return problem_in_words(request, 403, "role")


def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, ActionRefusedError):
        return problem(request, 409, str(error))
    language = language_of(request)
    detail = text(language, f"refused.{error.code}", **_in_words(language, error.facts))
    more: dict[str, Any] = {"errors": [{"in": f"body.{error.about}", "message": detail}]} if error.about else {}
    return problem(request, 422 if error.about else 409, detail, code=error.code, **more)


def _in_words(language: str, facts: Mapping[str, str | int]) -> dict[str, str | int]:
    return {
        name: text_or(language, f"{name}.{value}", value) if isinstance(value, str) else value
        for name, value in facts.items()
    }


def database_gone(request: Request, error: Exception) -> Response:
    """Answer that the database cannot be reached now."""
    _log.warning("the database cannot be reached", action="database_lost", error=type(error).__name__)
    return problem(request, 503, text(language_of(request), "problem.database"), headers={"Retry-After": "5"})


def _internal(request: Request, error: Exception) -> Response:
    _log.error("a request failed", action="request_failed", path=request.url.path, exc_info=error)
    return problem(request, 500, text(language_of(request), "problem.failed"))
