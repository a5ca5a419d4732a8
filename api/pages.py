"""The pages: server-rendered shells that fill themselves from the JSON API.

Everything a page needs comes from this origin; texts come from `gateway.words`, Chinese first. The language is
the one asked for by `?lang=`, then the one remembered in a cookie, then the configured one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from os import PathLike, stat_result
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.templating import Jinja2Templates
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from gateway import words

_HERE = Path(__file__).parent
_STATIC = _HERE / "static"
_COOKIE = "lang"
_YEAR_S = 365 * 24 * 3600

# No inline script or style, nothing from elsewhere; the JSON blob of texts is data, which needs no permission.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Vary": "Cookie, Accept-Language",
}

# Texts that every page's modules need, beside the page's own `ui.<page>`.
_SHARED = ("role", "kind", "level", "state", "unit_state", "ui.common")
_ALERT = ("action", "subtype", "ui.plot", "ui.queue")

router = APIRouter(include_in_schema=False)
_templates = Jinja2Templates(_HERE / "templates")
_templates.env.trim_blocks = _templates.env.lstrip_blocks = True


class _Static(StaticFiles):
    """Files under a path that names their content: a browser keeps them, and a new version has a new path."""

    def file_response(
        self, full_path: str | PathLike[str], stat_result: stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def install(app: FastAPI) -> None:
    """Add the pages and their static files to the application; what is large travels compressed."""
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    app.include_router(router)
    app.mount(static_path(), _Static(directory=_STATIC), name="static")


@cache
def static_path() -> str:
    """Where the static files stand: under a mark of their content, which modules that import each other share."""
    digest = sha256()
    for path in sorted(_STATIC.iterdir()):
        digest.update(path.read_bytes())
    return f"/static/{digest.hexdigest()[:12]}"


@router.get("/")
def queue(request: Request) -> Response:
    """The alert queue with evidence beside it."""
    return page(request, "queue", _ALERT)


@router.get("/buildings")
def buildings(request: Request) -> Response:
    """The building grid (楼栋房态图)."""
    return page(request, "buildings", ("tenure",))


@router.get("/units/{unit_id}")
def unit(request: Request, unit_id: str) -> Response:
    """One unit: what is known, its days, its alerts. Whether there is such a unit, the API tells the page."""
    return page(request, "unit", (*_ALERT, "tenure", "case_kind", "case_state"), unit_id=unit_id)


@router.get("/visits")
def visits(request: Request) -> Response:
    """The inspector's list, for a phone and for paper."""
    return page(request, "visits", ("outcome",))


@router.get("/cases")
def cases(request: Request) -> Response:
    """The enforcement ledger (台账)."""
    return page(request, "cases", ("case_kind", "case_state"))


@router.get("/cases/{case_id}")
def case(request: Request, case_id: str) -> Response:
    """One case. Whether there is such a case, the API tells the page."""
    return page(
        request, "case", ("case_kind", "case_state", "case_action", "subtype", "outcome", "ui.cases"), case_id=case_id
    )


@router.get("/devices")
def devices(request: Request) -> Response:
    """Devices and quarantine: what is silent, and what could not be taken in."""
    return page(request, "devices", ("device_kind", "flag", "subtype", "unit", "unit_one"))


@router.get("/access")
def access(request: Request) -> Response:
    """The access log, for auditors."""
    return page(request, "access", ("look",))


def page(
    request: Request,
    name: str,
    sections: tuple[str, ...] = (),
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **facts: str,
) -> Response:
    """A page's shell with the texts of these sections and of its own."""
    language = _language(request)
    texts = {key: words.section(language, key) for key in (*_SHARED, *sections, f"ui.{name}")}
    context = {
        "page": name,
        "lang": language,
        "other": request.url.include_query_params(lang=_other(language)).replace(scheme="", netloc=""),
        "texts": texts,
        "t": lambda section, key: texts[section][key],
        "static": static_path(),
        "who": getattr(request.state, "who", None),
        **facts,
    }
    response = _templates.TemplateResponse(request, f"{name}.html", context, status, {**(headers or {}), **_HEADERS})
    if request.query_params.get("lang") == language:
        response.set_cookie(_COOKIE, language, max_age=_YEAR_S, samesite="lax", httponly=True)
    return response


def _language(request: Request) -> str:
    asked = (request.query_params.get("lang"), request.cookies.get(_COOKIE))
    return next((language for language in asked if language in words.LANGUAGES), request.app.state.settings.language)


def _other(language: str) -> str:
    return next(other for other in words.LANGUAGES if other != language)
