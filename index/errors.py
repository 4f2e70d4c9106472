"""The errors that Footnote raises. Each message says what failed, on what, and what to do next.

FootnoteError
├── UsageError            a setting or an argument that can't be right            (exit code 2)
├── UnreadableInput       one input that can't be read; a batch goes on without it
├── ModelUnavailable      the embedding model is missing, changed or unknown
└── IndexUnavailable      the index can't be opened                               (exit code 3)
    ├── RecipeMismatch    it was made with another model, precision or splitting
    └── WriterBusy        another process is writing to it
"""

from __future__ import annotations


class FootnoteError(Exception):
    """Base of all errors that are meant for the person at the keyboard."""


class UsageError(FootnoteError):
    """A setting or an argument that can't be right."""


class UnreadableInput(FootnoteError):
    """One input can't be read. `str(error)` is the reason alone; whoever catches it knows the origin."""


class ModelUnavailable(FootnoteError):
    """The embedding model is missing, is not the file that it should be, or can't be loaded."""


class IndexUnavailable(FootnoteError):
    """The index can't be opened."""


class RecipeMismatch(IndexUnavailable):
    """The index was made with another model, precision or way of splitting than the settings name."""


class WriterBusy(IndexUnavailable):
    """Another process is writing to this index."""
