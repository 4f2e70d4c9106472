"""What is chosen in the settings reaches the bot, and a key never reaches another server."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from bot.settings import Settings
from index.errors import UsageError
from ui.choices import Choices, checked, chosen_settings

SERVER = "https://models.example/v1"


def settings(**given: Any) -> Settings:
    return Settings(_env_file=None, **given)


def test_choices_stand_in_for_settings() -> None:
    kept = chosen_settings(settings(threshold=0.6), Choices(sureness="balanced", passages=7, drop_unsupported=True))
    assert (kept.threshold, kept.passages, kept.strict, kept.llm) == (0.6, 7, True, "")
    assert chosen_settings(settings(), Choices(sureness="strict")).threshold > 0.5
    assert chosen_settings(settings(), Choices(sureness="lenient")).threshold < 0.5


@pytest.mark.parametrize(
    ("llm", "sent"),
    [
        (f"{SERVER}#other", True), (SERVER, True), ("https://evil.example/v1#x", False),
        ("https://models.example.evil/v1", False),
        ("http://models.example/v1#x", False), ("https://models.example:444/v1#x", False),
        ("https://x@models.example/v1", False),
    ],
)  # fmt: skip
def test_the_key_goes_to_its_own_server_only(llm: str, sent: bool) -> None:
    kept = chosen_settings(settings(llm=f"{SERVER}#model", llm_key=SecretStr("secret")), Choices(llm=llm))
    assert bool(kept.llm_key.get_secret_value()) is sent


@pytest.mark.parametrize(
    "given",
    [
        None, [], "x", {"llm": 1}, {"passages": 0}, {"passages": 51}, {"passages": "12"}, {"passages": 1e309},
        {"sureness": "x"},
        {"more": 1}, {"llm": "gpt"}, {"llm": "file:///etc/passwd"}, {"llm": "x" * 501}, {"drop_unsupported": "yes"},
    ],
)  # fmt: skip
def test_what_can_not_be_right_is_refused(given: Any) -> None:
    with pytest.raises(UsageError):
        checked(given)


def test_what_is_right_is_kept() -> None:
    assert checked({"llm": "ollama/x", "sureness": "strict", "passages": 3, "drop_unsupported": True}) == Choices(
        llm="ollama/x", sureness="strict", passages=3, drop_unsupported=True
    )
