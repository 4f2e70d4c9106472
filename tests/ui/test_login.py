"""Who is let in: passwords, sessions, the token, wrong tries, and what a stranger gets to see."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect
from pydantic import ValidationError

from bot.settings import Settings
from index.errors import UsageError
from tests.fakes import FakeBot, FakeIndex, free_port, news
from tests.ui.conftest import QUESTION, Open
from tests.ui.sites import site_of
from ui import server
from ui.cli import main
from ui.guard import Hosts
from ui.login import COOKIE, Access, Sessions, hashed
from ui.server import Door

PASSWORDS = {"ann": "correct horse", "bob": "battery staple", "carol": "troubadour"}
TOKEN = "0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="module")
def hashes() -> dict[str, str]:
    return {name: hashed(password) for name, password in PASSWORDS.items()}


@pytest.fixture
def access(hashes: dict[str, str], tmp_path: Path) -> Access:
    return Access(hashes, TOKEN, tmp_path / "conversations.sqlite")


@pytest.fixture(scope="module")
def url(hashes: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("site")
    index = FakeIndex(news())
    site = replace(site_of(folder, FakeBot(index), index), login=True)
    door = Door(Access(hashes, TOKEN, folder / "conversations.sqlite"))
    with server.running(site, host="127.0.0.1", port=free_port(), door=door) as url:
        yield url


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
        yield client


def log_in(client: httpx.Client, name: str = "ann", password: str | None = None) -> httpx.Response:
    return client.post("/login", data={"name": name, "password": password or PASSWORDS.get(name, "x")})


# --- sessions and passwords ---


def test_a_session_is_its_cookie_and_outlasts_a_restart(access: Access) -> None:
    cookie = Sessions(access).begin("ann")
    again = Sessions(access)
    assert again.user(cookie) == "ann"
    for forged in ("", "x", cookie[:-1], cookie.upper(), "'; DROP TABLE sessions; --"):
        assert again.user(forged) is None
    again.end(cookie)
    assert again.user(cookie) is None
    assert cookie.encode() not in access.sessions.read_bytes()


def test_a_session_ends_with_its_person_its_password_and_its_days(
    access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookie = Sessions(access).begin("ann")
    others = {name: secret for name, secret in access.users.items() if name != "ann"}
    assert Sessions(replace(access, users=others)).user(cookie) is None
    cookie = Sessions(access).begin("ann")
    assert Sessions(replace(access, users={**access.users, "ann": hashed("another one")})).user(cookie) is None
    cookie = Sessions(access).begin("ann")
    with sqlite3.connect(access.sessions) as file:
        file.execute("UPDATE sessions SET expires = 1")
    assert Sessions(access).user(cookie) is None


def test_only_the_right_password_of_the_right_name_is_one(access: Access) -> None:
    assert access.admits("ann", PASSWORDS["ann"])
    for name, password in (
        ("ann", PASSWORDS["bob"]), ("ann", ""), ("", PASSWORDS["ann"]), ("eve", PASSWORDS["ann"]),
        ("Ann", PASSWORDS["ann"]), ("ann", PASSWORDS["ann"] + " "), ("program", TOKEN),
        ("ann", access.users["ann"]), ("ann", "\ud800"),
    ):  # fmt: skip
        assert not access.admits(name, password), (name, password)
    alone = replace(access, users={})
    assert alone.admits("program", TOKEN) and not alone.admits("program", TOKEN[:-1]) and not alone.admits("x", TOKEN)


@pytest.mark.parametrize(
    "given",
    [
        {"users": "ann"}, {"users": "ann:secret word"}, {"users": "ann:plainpassword"}, {"token": "short"},
        {"users": "ann:$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$x ann:$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$x"},
    ],
)  # fmt: skip
def test_bad_accounts_are_refused_at_the_start_and_no_secret_is_printed(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as raised:
        Settings(_env_file=None, **given)
    assert "plainpassword" not in str(raised.value) and "secret" not in str(raised.value).replace("SecretStr", "")


def test_an_entry_that_the_command_line_made_is_read_from_a_file_of_settings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse\n"))
    assert main(["password", "ann"]) == 0
    entry = capsys.readouterr().out.strip()
    (tmp_path / ".env").write_text(f"FOOTNOTE_USERS={entry}\nFOOTNOTE_TOKEN={TOKEN}\n")
    access = Access.of(Settings())
    assert access.admits("ann", "correct horse") and access.token == TOKEN
    for name, typed in (("a b", "correct horse"), ("ann", "short")):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
        assert main(["password", name]) == 2


# --- at the door ---


@pytest.mark.server
def test_a_stranger_sees_the_log_in_page_and_nothing_else(client: httpx.Client) -> None:
    reply = client.get("/", headers={"Accept": "text/html"})
    assert (reply.status_code, reply.headers["location"]) == (303, "/login")
    for method, path in (
        ("GET", "/"), ("GET", "/config"), ("GET", "/theme.css"), ("GET", "/gradio_api/app_id"),
        ("POST", "/gradio_api/queue/join"), ("GET", "/gradio_api/heartbeat/x"), ("POST", "/gradio_api/cancel"),
        ("GET", "/page/sources"), ("GET", "/page/conversations"), ("POST", "/api/ask"), ("GET", "/api/articles"),
        ("PUT", "/api/uploads?name=x.txt"), ("POST", "/v1/chat/completions"), ("GET", "/v1/models"),
        ("GET", "/anything"), ("POST", "/logout"), ("GET", "/assets/x.js"),
    ):  # fmt: skip
        reply = client.request(method, path)
        assert reply.status_code in (401, 404), (path, reply.status_code)
        assert "harbour" not in reply.text.lower()
        if reply.status_code == 401:
            assert reply.json()["error"]["code"] == "unauthorized"
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.server
def test_the_log_in_page_runs_nothing(client: httpx.Client) -> None:
    page = client.get("/login")
    assert "<script" not in page.text and 'autocomplete="current-password"' in page.text
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'") and "form-action 'self'" in policy and "unsafe" not in policy
    hostile = client.post("/login", data={"name": '"><script>alert(1)</script>', "password": "x"})
    assert hostile.status_code == 401 and "<script" not in hostile.text and 'role="alert"' in hostile.text
    assert "&lt;script&gt;" in hostile.text


@pytest.mark.server
def test_logging_in_and_out(client: httpx.Client) -> None:
    reply = log_in(client)
    assert (reply.status_code, reply.headers["location"]) == (303, "/")
    cookie = reply.headers["set-cookie"]
    assert "HttpOnly" in cookie and "samesite=strict" in cookie.lower() and "Path=/" in cookie
    assert client.get("/page/settings").json()["user"] == "ann"
    assert client.get("/").status_code == 200
    assert client.get("/login").headers["location"] == "/"
    kept = client.cookies[COOKIE]
    assert client.post("/logout").headers["location"] == "/login"
    assert client.get("/page/settings", cookies={COOKIE: kept}).status_code == 401
    form = {"name": "ann", "password": PASSWORDS["ann"]}
    assert client.post("/login?next=http://evil.example", data=form).headers["location"] == "/"


@pytest.mark.server
def test_another_site_can_not_log_anyone_in(client: httpx.Client) -> None:
    form = {"name": "ann", "password": PASSWORDS["ann"]}
    assert client.post("/login", data=form, headers={"Origin": "http://evil.example"}).status_code == 403
    assert client.post("/login", data=form, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


@pytest.mark.server
def test_a_program_sends_the_token(client: httpx.Client) -> None:
    right = {"Authorization": f"Bearer {TOKEN}"}
    assert client.get("/v1/models", headers=right).status_code == 200
    assert client.post("/api/ask", json={"question": QUESTION}, headers=right).json()["status"] == "answered"
    for wrong in (TOKEN[:-1], "x", f"{TOKEN} x"):
        assert client.get("/v1/models", headers={"Authorization": f"Bearer {wrong}"}).status_code == 401
    assert client.get("/v1/models", headers={"Authorization": f"Basic {TOKEN}"}).status_code == 401


@pytest.mark.server
def test_wrong_tries_are_counted(client: httpx.Client) -> None:
    for _ in range(5):
        assert log_in(client, "bob", "wrong").status_code == 401
    refused = log_in(client, "bob")
    assert refused.status_code == 429 and int(refused.headers["retry-after"]) <= 60 and "Try again in" in refused.text
    assert log_in(client, "ann").status_code == 303


@pytest.mark.server
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7"])
def test_where_others_can_reach_it_someone_must_log_in_or_be_meant_to_come(host: str, tmp_path: Path) -> None:
    index = FakeIndex()
    site = site_of(tmp_path, FakeBot(index), index)
    with pytest.raises(UsageError, match=r"FOOTNOTE_USERS .* FOOTNOTE_TOKEN, .* --no-login"):  # noqa: SIM117
        with server.running(site, host=host, port=1):
            pass


@pytest.mark.server
def test_a_wildcard_address_is_served_with_a_login_or_when_it_is_meant(hashes: dict[str, str], tmp_path: Path) -> None:
    index = FakeIndex(news())
    site = site_of(tmp_path, FakeBot(index), index)
    doors = (Door(Access(hashes, "", tmp_path / "s.sqlite")), Door(open_to_all=True, names=("notes.example",)))
    for door, status in zip(doors, (401, 200), strict=True):
        port = free_port()
        with server.running(site, host="0.0.0.0", port=port, door=door):  # noqa: SIM117
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60) as client:
                assert client.get("/page/sources").status_code == status
                assert client.get("/page/sources", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.server
@pytest.mark.parametrize("host", ["::1", "[::1]"])
def test_an_address_of_ipv6_may_be_written_either_way(host: str, tmp_path: Path) -> None:
    index = FakeIndex()
    with server.running(site_of(tmp_path, FakeBot(index), index), host=host, port=free_port()) as url:
        assert httpx.get(f"{url}healthz", trust_env=False).status_code == 200


@pytest.mark.server
def test_the_token_opens_the_page_where_nobody_has_a_password(tmp_path: Path) -> None:
    index = FakeIndex()
    site = site_of(tmp_path, FakeBot(index), index)
    door = Door(Access({}, TOKEN, tmp_path / "s.sqlite"))
    with (
        server.running(site, host="127.0.0.1", port=free_port(), door=door) as url,
        httpx.Client(base_url=url, trust_env=False, timeout=60) as client,
    ):
        assert 'id="name"' not in client.get("/login").text
        assert client.post("/login", data={"password": TOKEN[:-1]}).status_code == 401
        assert client.post("/login", data={"password": TOKEN}).status_code == 303
        assert client.get("/page/settings").json()["user"] == "program"


def test_the_machine_is_known_by_its_name_with_and_without_local(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "Box.local")
    assert "box:7860" in Hosts("0.0.0.0") and "box.local" in Hosts("0.0.0.0")
    assert "box" not in Hosts("127.0.0.1")


def test_names_under_which_the_page_is_known() -> None:
    own, open_ = Hosts("127.0.0.1"), Hosts("0.0.0.0", ["notes.example"])
    assert "127.0.0.1:7860" in own and "LOCALHOST:1" in own and "[::1]:80" in own
    for stranger in ("evil.example", "127.0.0.1.evil.example", "", "10.0.0.7", "notes.example", "127.0.0.1:x"):
        assert stranger not in own
    assert "10.0.0.7:7860" in open_ and "[fe80::1]" in open_ and "notes.example:443" in open_
    for stranger in ("evil.example", "10.0.0.7.evil.example", "notes.example.evil"):
        assert stranger not in open_


# --- people apart ---


@pytest.mark.browser
@pytest.mark.server
def test_two_people_log_in_and_find_their_own_conversations(open_site: Open, url: str) -> None:
    for name, others in (("ann", 0), ("carol", 0), ("ann", 1)):
        watched = open_site(url, wait=False)
        page = watched.page
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(PASSWORDS[name])
        page.get_by_role("button", name="Log in").click()
        page.locator(".fn-welcome").wait_for()
        page.locator("#fn-tab-conversations").click()
        expect(page.locator("#fn-conversations .fn-row")).to_have_count(others)
        if others:
            page.locator("#fn-conversations .fn-row").click()
        else:
            watched.ask(QUESTION)
        watched.answered()
        page.locator("#fn-settings-open").click()
        page.get_by_role("button", name=f"Log out {name}").click()
        page.get_by_label("Password").wait_for()
        watched.complaints.clear()  # the streams of the page end as they must
