"""What a person could not see on a page is no part of its article."""

from __future__ import annotations

import pytest

from index.read.visible import block_text, drop_invisible, parse_html

HIDDEN = [
    '<p hidden>X</p>', '<p style="display:none">X</p>', '<p style="DISPLAY : none !important">X</p>',
    '<p style="visibility: hidden">X</p>', '<p style="font-size:0">X</p>', '<p style="font-size: 0px;color:red">X</p>',
    '<p style="opacity:0;">X</p>', '<p style="position:absolute;left:-9999px">X</p>',
    '<p style="text-indent:-5000px">X</p>', '<p style="height:0;overflow:hidden">X</p>',
    '<p style="clip:rect(0,0,0,0)">X</p>', '<p style="color:#fff">X</p>', '<p style="color: white; margin: 0">X</p>',
    '<p style="color:rgba(255,255,255,1);background:#ffffff">X</p>', '<p style="color:transparent">X</p>',
    '<font color="#FFFFFF">X</font>', '<div style="display:none"><div><p>X</p></div></div>', "<!-- X -->",
    '<p class="ghost">X</p>', '<p id="veil">X</p>', "<script>X</script>", "<template><p>X</p></template>",
    '<img alt="X" src="a.png">', "<noscript>X</noscript>", '<p class="far a">X</p>', '<p style="color:#fdfdfd">X</p>',
    '<p style="color:hsl(0, 0%, 100%)">X</p>', '<p style="color:#1a1a1a;background:#1a1a1a">X</p>',
    '<p style="font-size:1px">X</p>', '<p style="font-size:.1pt">X</p>', '<p style="font:0/0 a">X</p>',
    '<p style="font-size:0.01em">X</p>', '<p style="opacity:0.01">X</p>', '<p style="text-indent:-200vw">X</p>',
    '<p style="transform:translateX(-9999px)">X</p>', '<p style="position:fixed;top:-100em">X</p>',
    '<p class="same">X</p>', '<p style="color:#fff8;background:#fff">X</p>',
]  # fmt: skip
SEEN = [
    '<p style="color:white;background:#000">X</p>', '<p style="font-size:0.9em">X</p>', '<p style="opacity:0.5">X</p>',
    '<p class="printed">X</p>', '<p style="margin-left:-10px">X</p>', '<p style="height:0">X</p>', "<p>X</p>",
    '<p class="plain">X</p>', '<p style="font-size:10px">X</p>', '<p style="opacity:.3">X</p>',
    '<p style="color:#ccc">X</p>', '<p style="color:var(--ink)">X</p>', '<p style="font:12px/1.5 serif">X</p>',
    '<p style="color:inherit;background:url(a.png)">X</p>', '<p style="transform:translateX(-50%)">X</p>',
    '<td bgcolor="black" style="color:white">X</td>', '<p style="width:100%">X</p>',
]  # fmt: skip
PAGE = """<html><head><style>.ghost, #veil {{ display: none }} p.far {{ position: absolute; left: -2000px }}
.same {{ background: navy; color: navy }} .plain {{ color: red }}
@media print {{ .printed {{ display: none }} }}</style></head>
<body><p>The first paragraph has some words.</p>{}<p>So has the last of them, and a few more.</p></body></html>"""


def seen(body: str) -> str:
    tree = parse_html(PAGE.format(body))
    assert tree is not None
    drop_invisible(tree)
    return block_text(tree)


@pytest.mark.parametrize("body", HIDDEN)
def test_hidden(body: str) -> None:
    assert "X" not in seen(body)
    assert seen(body) == seen("")


@pytest.mark.parametrize("body", SEEN)
def test_seen(body: str) -> None:
    assert "X" in seen(body)


def test_white_letters_of_a_rule_are_seen_only_where_the_page_may_set_a_dark_ground() -> None:
    page = "<html><head><style>.pale {color: white}</style></head><body><p>Words.</p><p class=pale>X</p></body></html>"
    dark = {
        page: False,
        page.replace("<head>", '<head><link rel="stylesheet" href="a.css">'): True,
        page.replace("<body>", '<body style="background: #123">'): True,
        page.replace("<body>", '<body bgcolor="black">'): True,
    }
    for text, is_seen in dark.items():
        tree = parse_html(text)
        assert tree is not None
        drop_invisible(tree)
        assert ("X" in block_text(tree)) is is_seen


def test_a_page_whose_style_hides_the_article_until_a_script_shows_it_is_read() -> None:
    assert "It is long" in seen(f'<div class="ghost">{"It is long. " * 40}</div>')


def test_blocks_and_rows() -> None:
    tree = parse_html("<h1>A  b</h1><p>c <b>d</b>e<br>f</p><table><tr><td>1</td><td>2</td></tr></table>tail")
    assert tree is not None
    assert block_text(tree) == "A b\n\nc de\n\nf\n\n1 | 2\n\ntail"


@pytest.mark.parametrize("text", ["", "   ", "<!-- only -->"])
def test_nothing_to_parse(text: str) -> None:
    tree = parse_html(text)
    assert tree is None or block_text(tree) == ""
