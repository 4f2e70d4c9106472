"""Settings of the index, each an environment variable `FOOTNOTE_…` or a line in `.env` (see `.env.example`)."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

Precision = Literal["auto", "float32", "bfloat16"]


class IndexSettings(BaseSettings):
    """What decides how articles become searchable passages. Bad values raise pydantic's ValidationError."""

    model_config = SettingsConfigDict(env_prefix="FOOTNOTE_", env_file=".env", extra="ignore", frozen=True)

    index: Path = Field(Path(".footnote"), description="Folder of the index.")
    embedding_model: str = Field(
        "", description="A sentence-transformers model (hub name or folder); empty: the bundled all-MiniLM-L6-v2."
    )
    precision: Precision = Field(
        "auto", description="Number format of the embedder; auto: bfloat16 where the processor has it, else float32."
    )
    fetch_private: bool = Field(
        False, description="Whether addresses of your own machine and network may be fetched, on any port."
    )
    language: str = Field("english", description="Language of the articles, for sentence ends and word stems.")
