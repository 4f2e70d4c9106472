"""Hostile text on the page, in a real browser: it runs nothing and loads nothing, whatever it stands in."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from index.types import Article
from tests.fakes import FakeBot, FakeIndex, news
from tests.ui.conftest import Open

pytestmark = [pytest.mark.browser, pytest.mark.server]

OUT = "http://198.51.100.7"  # an address for documentation: nothing answers there
HOSTILE = [
    "<script>window.pwned=1</script>",
    "</script><script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    f"<img src={OUT}/a.png>",
    f"![x]({OUT}/b.png)",
    f"[x]({OUT}/c)",
    "[x](javascript:window.pwned=1)",
    "<a href=javascript:window.pwned=1>x</a>",
    "<a href=javascri&#10;pt:window.pwned=1>x</a>",
    "<svg onload=window.pwned=1>",
    "<svg><animate onbegin=window.pwned=1 attributeName=x dur=1s>",
    "<svg><script>window.pwned=1</script></svg>",
    "<math><mi xlink:href=javascript:window.pwned=1>x</mi></math>",
    f"<iframe src={OUT}/d></iframe>",
    "<iframe srcdoc='<script>parent.pwned=1</script>'></iframe>",
    f"<object data={OUT}/e></object><embed src={OUT}/f>",
    f"<form action={OUT}/g><input autofocus onfocus=window.pwned=1><button>x</button></form>",
    f"<style>*{{background:url({OUT}/h)}}</style>",
    f"<div style='position:fixed;inset:0;background:url({OUT}/i)' onclick=window.pwned=1>x</div>",
    f"<link rel=stylesheet href={OUT}/j><base href={OUT}/><meta http-equiv=refresh content=0;url={OUT}/k>",
    "<details open ontoggle=window.pwned=1><summary>x</summary></details>",
    f"<video poster={OUT}/l src={OUT}/m onerror=window.pwned=1></video><audio src=x onerror=window.pwned=1>",
    "${window.pwned=1}",
    "${Object.assign(window,{pwned:1})}`;window.pwned=1;`",
    "{{constructor.constructor('window.pwned=1')()}}",
    "{{#each this}}<img src=x onerror=window.pwned=1>{{/each}}",
    "\" onmouseover=window.pwned=1 x=\"' onfocus=window.pwned=1 x='",
    "$$\\href{javascript:window.pwned=1}{x}$$ \\(\\includegraphics{x}\\)",
    "```mermaid\ngraph TD; A[<img src=x onerror=window.pwned=1>]\n```",
    "[1](#cite-1-1) <a class=fn-cite href=#cite-1-1>1</a>",
    f"<noscript><p title='</noscript><img src={OUT}/n onerror=window.pwned=1>'>",
    f"www.example.com {OUT}/o a@example.com <{OUT}/p> [r]: {OUT}/q",
    "<template><img src=x onerror=window.pwned=1></template><xmp><b>x",
    "\u202e<b>right to left</b> \x00 \x1b]0;x\x07 \u200b",
]


def hostile_index() -> FakeIndex:
    return FakeIndex(
        Article(
            f"h{n}-{text}", text, f"The subject number{n} topic{n} {text}", source=text, url=text,
            published="2024-01-01", origin=text,
        )
        for n, text in enumerate(HOSTILE)
    )  # fmt: skip


def shown(text: str) -> str:
    return " ".join(re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "\ufffd", text).split())


def click_everything(page: Page, inside: str) -> None:
    """Clicks each element there from inside the page, so that nothing is spared for being hidden or covered: but not
    what would leave the page, or take an article out, which this page can't, or ask again: what is clicked on in the
    same moment would run into it."""
    page.evaluate(
        "inside => document.querySelectorAll(inside + ' *').forEach(e => { e.dispatchEvent(new MouseEvent('mouseover',"
        " {bubbles: true})); if (!e.closest('.fn-from, .fn-remove, [href^=\"#do-again\"]')) e.click && e.click(); })",
        inside,
    )


def test_hostile_text_runs_nothing_and_loads_nothing(open_page: Open) -> None:
    index = hostile_index()
    bot = FakeBot(index, echoes=True)
    watched = open_page(bot, index)
    page = watched.page
    expect(page.locator("#fn-sources .fn-row")).to_have_count(len(HOSTILE))
    for turn, text in enumerate(HOSTILE, start=1):
        watched.ask(f"number{turn - 1} topic{turn - 1} {text}")
        watched.answered(turn)
        assert shown(text) in shown(page.locator(".user-row").last.inner_text()), text
        assert shown(text) in shown(page.locator(".fn-unsupported").last.text_content() or ""), text
        page.locator(f'.fn-turn >> nth=-1 >> a[href="#cite-{turn}-1"] >> nth=0').click()
        expect(page.locator("#fn-right h2")).to_have_text(shown(text))
        page.keyboard.press("Escape")
    assert page.evaluate("window.pwned") is None
    foreign = (
        "script, img, svg, iframe, object, embed, form, input, video, audio, style, link, base, math, [style*=url]"
    )
    for place in (".message", ".fn-row", ".fn-text", "#fn-right h2", ".fn-by", ".fn-card"):
        assert page.locator(f":is({place}) :is({foreign})").count() == 0, place
    links = page.locator(".message a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    assert {link for link in links if not link.startswith("#do-")} == {
        f"#cite-{turn}-1" for turn in range(1, len(HOSTILE) + 1)
    }
    page.locator("#fn-tab-conversations").click()
    expect(page.locator("#fn-conversations .fn-row")).to_have_count(1)
    assert page.locator(f":is(#fn-conversations .fn-rows, .fn-card, #fn-outlet) :is({foreign})").count() == 0
    page.locator('[href^="#do-again"]').click()
    watched.until(lambda: len(bot.asked) > len(HOSTILE))
    watched.answered(len(HOSTILE))
    for place in (".message", ".fn-rows", ".fn-reader"):
        click_everything(page, place)
    page.wait_for_timeout(1_000)
    assert page.evaluate("window.pwned") is None


def test_hostile_passages_that_come_near_and_hostile_sources(open_page: Open) -> None:
    index = hostile_index()
    watched = open_page(FakeBot(index), index)
    page = watched.page
    watched.ask("subject?")
    watched.answered()
    for place in range(3):
        page.locator(".fn-near").nth(place).click()
        page.locator("#fn-right mark").wait_for()
        page.keyboard.press("Escape")
    for row in page.locator("#fn-sources .fn-row").all():
        title = row.locator(".fn-row-title").text_content() or ""
        row.click()
        expect(page.locator("#fn-right h2")).to_have_text(shown(title))
        link = page.locator(".fn-from a")
        assert link.get_attribute("href") is None
    assert page.evaluate("window.pwned") is None


def test_the_policy_would_stop_a_script_that_got_through(open_page: Open) -> None:
    """The second wall: what escaping lets through by mistake still neither runs nor loads."""
    index = FakeIndex(news())
    watched = open_page(FakeBot(index), index)
    failures: list[str | None] = []
    watched.page.on("requestfailed", lambda request: failures.append(request.failure))
    watched.page.evaluate(
        "out => { const d = document.createElement('div'); document.body.append(d);"
        " d.innerHTML = `<img src=x onerror='window.pwned=1'><img src='${out}/x.png'>`;"
        " const s = document.createElement('script'); s.textContent = 'window.pwned=1'; document.body.append(s); }",
        OUT,
    )
    watched.page.wait_for_timeout(1_000)
    assert watched.page.evaluate("window.pwned") is None
    assert any("Content Security Policy" in complaint for complaint in watched.complaints)
    assert failures == ["csp"], "the picture was asked for"
    watched.complaints.clear()
