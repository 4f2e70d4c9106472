"""Serves the page to this machine: the launch settings, and what is around them. `guard.py` stands before it all."""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from index.errors import UsageError
from ui.guard import guarded, is_loopback
from ui.login import Access
from ui.login_page import login_routes

if TYPE_CHECKING:
    import gradio as gr

    from ui.site import Site

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Door:
    """Who is let in: the accounts, further names of this machine, and whether strangers are meant to come in."""

    access: Access | None = None
    names: tuple[str, ...] = ()
    open_to_all: bool = False


def serve(
    site: Site,
    *,
    host: str,
    port: int,
    door: Door | None = None,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serves the page until Ctrl-C or SIGTERM, then returns. `on_ready` is called with its address once it answers.

    Raises UsageError where others could reach the page without logging in, or the port is taken.
    """
    ended = threading.Event()
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: ended.set())  # else nothing is cleared away
    with running(site, host=host, port=port, door=door) as url:
        if on_ready is not None:
            on_ready(url)
        try:
            ended.wait()
        except KeyboardInterrupt:
            logger.info("stopped from the keyboard")


@contextmanager
def running(site: Site, *, host: str, port: int, door: Door | None = None) -> Iterator[str]:
    """The address of the page, which is served while the context is open. Raises as `serve` does."""
    door = door or Door()
    host = f"[{host}]" if ":" in host and not host.startswith("[") else host  # as it stands in an address
    # A proxy on this machine is asked for by a name that is not loopback's.
    foreign = next((name for name in (host, *door.names) if not is_loopback(name)), None)
    if foreign and not (door.open_to_all or (door.access and door.access.needed)):
        raise UsageError(
            f"On {foreign} others could reach the page, and nobody has to log in: set FOOTNOTE_USERS (footnote "
            "password NAME makes an entry) or FOOTNOTE_TOKEN, or say that this is meant with --no-login. For this "
            "machine alone: --address 127.0.0.1:7860"
        )
    os.environ.update(
        GRADIO_ANALYTICS_ENABLED="False",
        GRADIO_TEMP_DIR=_private_folder(),
        HF_HUB_DISABLE_TELEMETRY="1",
        HF_HUB_OFFLINE="1",
    )
    from ui import (
        page,  # here, because Gradio reads the environment when it is imported
        page_api,
        programs,
    )

    blocks = page.build_page(site)
    blocks.queue(max_size=20, default_concurrency_limit=2, api_open=False)
    try:
        look = {"theme": page.theme(), "head": page.head()}
        routes = [*page_api.routes(site), *programs.routes(site.bots.default, site.index, site.limits)]
        routes += login_routes(door.access)
        app_kwargs = {"routes": routes, "middleware": guarded(host, door.names, door.access)}
        yield _launched(blocks, host, port, look=look, app_kwargs=app_kwargs)
    finally:
        blocks.close(verbose=False)
        if site.adding is not None:
            site.adding.close()


@cache
def _private_folder() -> str:
    """A folder that only this user can enter, removed when the process ends.

    One a process and not one a server: Gradio remembers the first one that it is told, and would make it again, for all
    to read.
    """
    folder = tempfile.mkdtemp(prefix="footnote-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _launched(blocks: gr.Blocks, host: str, port: int, *, look: dict[str, Any], app_kwargs: dict[str, Any]) -> str:
    """The address at which Gradio now serves the blocks, with all that phones home, lists or shares turned off."""
    try:
        app, url, _ = blocks.launch(
            server_name=host,
            server_port=port,
            prevent_thread_lock=True,
            quiet=True,
            share=False,
            strict_cors=True,
            show_error=False,
            run_history=False,
            enable_monitoring=False,
            footer_links=[],
            ssr_mode=False,
            pwa=False,
            mcp_server=False,
            max_file_size="1mb",
            allowed_paths=[],
            state_session_capacity=200,
            auth_dependency=lambda request: request.state.user,
            app_kwargs={"openapi_url": None, **app_kwargs},
            **look,
        )
    except OSError as error:
        raise UsageError(
            f"Port {port} on {host} can't be used: it may be taken. Name another one with --address, as "
            "127.0.0.1:7861, or in FOOTNOTE_ADDRESS."
        ) from error
    app.add_api_route("/healthz", lambda: JSONResponse({"status": "ok"}), methods=["GET"])
    return url
