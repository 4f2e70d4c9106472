"""How quick the chat page is, in a real browser: `python -m evals.page QUESTIONS.jsonl --index DIR`.

Starts `footnote ui` over the index, opens the page, and asks the questions one after the other, each in a conversation
of its own. Needs Playwright and a Chromium (`pip install -e '.[dev]'`).
"""

from __future__ import annotations

import argparse
import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from evals.load import records

if TYPE_CHECKING:
    from playwright.sync_api import Page

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LOADS = 12
READY_S = 180
PACE_S = 1.1
"""Between two questions: a person may ask sixty a minute."""
WATCH = """() => {
  let started = 0;
  const chat = document.querySelector('#fn-chat');
  window.firstWords = new Promise((done) => {
    document.addEventListener('keydown', () => { started = performance.now(); }, {once: true, capture: true});
    new MutationObserver((_, observer) => {
      if (!chat.querySelector('.fn-said, .fn-badge, .fn-problem')) return;
      observer.disconnect();
      done(performance.now() - started);
    }).observe(chat, {childList: true, subtree: true});
  });
}"""
"""Has the page note the milliseconds from the next key to the first word of an answer (or of a refusal)."""


@contextmanager
def served(index: Path) -> Iterator[str]:
    """The address of `footnote ui` over the index, in a process of its own."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    command = [sys.executable, "-P", "-m", "ui.cli", "ui", "--index", str(index), "--address", f"127.0.0.1:{port}"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        if "Footnote is at" not in process.stdout.readline():
            raise SystemExit(f"footnote ui did not start over {index}")
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(timeout=READY_S)


def loads(browser: Any, url: str) -> dict[str, Any]:
    """Seconds until the page can be used, over fresh sessions, and what one of them transfers."""
    ready, sizes = [], []
    for _ in range(LOADS):
        context = browser.new_context(viewport={"width": 1400, "height": 900})
        page = context.new_page()
        received: list[Any] = []
        page.on("requestfinished", lambda request, received=received: received.append(request))
        started = time.perf_counter()
        page.goto(url, wait_until="commit")
        page.locator("#fn-sources .fn-row").first.wait_for()
        page.wait_for_function("document.activeElement.tagName === 'TEXTAREA'")
        ready.append(time.perf_counter() - started)
        page.wait_for_timeout(1_000)
        sizes.append(sum(each.sizes()["responseBodySize"] for each in received))
        context.close()
    return {"n": LOADS, "usable_s": quantiles(ready), "transferred_mb": round(sizes[0] / 1e6, 3)}


def first_tokens(page: Page, questions: list[str]) -> list[float]:
    """Milliseconds from Enter to the first words, one for each question."""
    found = []
    for question in questions:
        asked_at = time.perf_counter()
        page.locator("#fn-new").click()
        page.locator(".fn-turn").wait_for(state="detached")
        page.locator(".fn-welcome").wait_for()
        page.locator("#fn-box textarea").fill(question)
        page.evaluate(WATCH)
        page.keyboard.press("Enter")
        found.append(page.evaluate("window.firstWords"))
        page.locator("#fn-chat .fn-actions").wait_for()
        page.locator("#fn-box .submit-button").wait_for()
        page.wait_for_timeout(max(0.0, PACE_S - (time.perf_counter() - asked_at)) * 1000)
    return found


def quantiles(values: list[float]) -> dict[str, float]:
    """p50, p95 and the largest."""
    return {
        "p50": round(float(np.percentile(values, 50)), 3),
        "p95": round(float(np.percentile(values, 95)), 3),
        "max": round(max(values), 3),
    }


def main() -> None:
    """Print the measures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("questions", type=Path, help="a question set (.jsonl)")
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=100, help="questions to ask")
    options = parser.parse_args()
    from playwright.sync_api import sync_playwright

    browser_path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser_path is None:
        raise SystemExit(f"There is no browser: install one of {', '.join(BROWSERS)}")
    questions = [str(record["question"]) for _, record in records(options.questions)][: options.limit]
    with served(options.index) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto(url)
        page.locator(".fn-welcome").wait_for()
        page.wait_for_timeout(
            15_000
        )  # questions to try are being made: they share the processor with the first answers
        tokens = first_tokens(page, questions)
        measured = {
            "load": loads(browser, url),
            "first_token_ms": {"n": len(tokens), **quantiles(tokens), "under_1_s": sum(t < 1_000 for t in tokens)},
        }
        browser.close()
    print(json.dumps(measured, indent=2))


if __name__ == "__main__":
    main()
