"""The application: JSON API, live feed, pages. `estate serve` gives it to uvicorn."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, nullcontext

from fastapi import FastAPI

from api import login, pages, problems
from api.gate import Gate, Lookup
from api.guard import BodyLimit, Guard, SecurityHeaders, is_loopback
from api.live import Feed
from api.routes import access, alerts, cases, devices, estates, health, quarantine, reports, units, visits
from api.shapes import Problem
from api.telemetry import HttpTelemetry, Telemetry
from gateway import settings as configuration
from gateway.accounts.throttle import Throttle
from gateway.detection.policy import read_rules
from gateway.embedded import database_url
from gateway.settings import Settings
from gateway.store.database import open_pool
from gateway.visits.plan import PlanPolicy

BASE = "/api/v1"
_POOL_SIZE = 8

_PROBLEMS: dict[int | str, dict[str, object]] = {
    status: {"model": Problem, "description": text, "content": {problems.MEDIA_TYPE: {}}}
    for status, text in (
        (401, "no session, no token"),
        (403, "foreign host or origin, or not of your role"),
        (404, "no such thing, or not of your estates"),
        (409, "not possible now"),
        (422, "invalid request"),
        (503, "database not reachable"),
    )
}


def create_app(settings: Settings, url: str | Callable[[], AbstractContextManager[str]]) -> FastAPI:
    """Build the application.

    `url` is the database's, or a function whose context yields it for as long as the application runs.
    """
    source = (lambda: nullcontext(url)) if isinstance(url, str) else url
    app = FastAPI(
        title="estate gateway",
        version="1",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lambda app: _lifespan(app, source),
    )
    app.state.settings = settings
    app.state.plan_policy = PlanPolicy.of(read_rules(settings.policy_file).policy)
    app.state.telemetry = Telemetry()
    app.state.outage = health.Outage()
    app.state.throttle = Throttle()
    problems.install(app)
    for room in (estates, units, alerts, visits, cases, devices, quarantine, reports, access):
        app.include_router(room.router, prefix=BASE, responses=_PROBLEMS)
    app.include_router(health.router)
    pages.install(app)
    app.include_router(login.router)
    app.add_middleware(BodyLimit)
    app.add_middleware(Gate, loopback_only=is_loopback(settings.http_host))
    app.add_middleware(Guard)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(HttpTelemetry, telemetry=app.state.telemetry)
    return app


def from_environment() -> FastAPI:
    """The application over the configured database, or the embedded one."""
    settings = configuration.load()
    return create_app(settings, lambda: database_url(settings))


@asynccontextmanager
async def _lifespan(app: FastAPI, source: Callable[[], AbstractContextManager[str]]) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        url = stack.enter_context(source())
        app.state.pool = stack.enter_context(open_pool(url, size=_POOL_SIZE))
        app.state.lookup = Lookup(app.state.pool)
        app.state.feed = Feed(url, app.state.pool)
        await stack.enter_async_context(app.state.feed.running())
        yield
