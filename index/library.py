"""An index folder, opened: its catalogue, its passages and the model that reads them."""

from __future__ import annotations

import ctypes
import logging
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from index.catalogue import ArticleSummary, Catalogue
from index.compared import Compared
from index.errors import IndexUnavailable, RecipeMismatch, WriterBusy
from index.settings import IndexSettings
from index.types import Article

if TYPE_CHECKING:
    from llama_index.core.vector_stores.types import MetadataFilters

    from index.embed import Embedder
    from index.passages import Splitter
    from index.search import Fusion, HybridRetriever
    from index.store import LancePassageStore

logger = logging.getLogger(__name__)

LAYOUT = "1"
"""Of the folder; a higher number is one that older code can't read."""
LOCK_TIMEOUT_S = 5.0
PASSAGES = "passages"
"""The folder of a new index's passages; each rebuild makes one with the next number behind the name."""
NOTHING_YET = "memory://"
"""Where the passages of an index are that nothing was written to: reading makes no folder."""


class Index:
    """One index folder. Reading is safe from any thread and process; writing happens inside `writing()`.

    Opening it reads only the catalogue; the embedding model and the passages are loaded when first used.
    """

    def __init__(self, settings: IndexSettings, *, create: bool = False, embedder: Embedder | None = None) -> None:
        """Raises IndexUnavailable when there is no index in the folder, unless `create` makes one.

        `embedder` is used instead of the one that the settings name.
        """
        self.settings = settings
        self._given_embedder = embedder
        self._store: LancePassageStore | None = None
        self._rebuilding = False
        self.folder: Path = settings.index
        catalogue = self.folder / "catalogue.sqlite"
        if not create and not catalogue.exists():
            raise IndexUnavailable(f"There is no index in {self.folder}: make one with: footnote add FOLDER")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise IndexUnavailable(
                f"The index folder {self.folder} can't be made ({error.strerror}): choose another with --index"
            ) from error
        self.catalogue = Catalogue(catalogue)
        self.compared = Compared(self.catalogue)

    # --- reading ---

    def articles(self) -> list[ArticleSummary]:
        """All articles, newest first."""
        return self.catalogue.summaries()

    def article(self, article_id: str, rev: int | None = None) -> Article | None:
        """One article, as it is now or as it was at a revision; None when it is not there."""
        return self.catalogue.article(article_id, rev)

    def count(self) -> int:
        """The number of articles."""
        return self.catalogue.count()[0]

    def passage_at(self, article: Article, start: int, end: int) -> tuple[int, int]:
        """Where the passage lies that holds this place of an article's text; the place itself where none does."""
        spans = ((n.start_char_idx or 0, n.end_char_idx or 0) for n in self.splitter.split(article, rev=0))
        return next((span for span in spans if span[0] <= start and end <= span[1]), (start, end))

    @cached_property
    def embedder(self) -> Embedder:
        """The embedding model, checked against the index's recipe before it is loaded.

        Raises IndexUnavailable, RecipeMismatch, ModelUnavailable.
        """
        from index.embed import Embedder

        self._check_recipe()
        return self._given_embedder or Embedder.load(self.settings)

    @property
    def store(self) -> LancePassageStore:
        """The passages; opened anew when another process has rebuilt them.

        Raises IndexUnavailable when they are gone or can't be opened, RecipeMismatch when they were made otherwise.
        """
        store = self._store
        if store is None or (not self._rebuilding and store.uri != self._passages()):
            store = self._store = self._open_store()
        return store

    def _open_store(self) -> LancePassageStore:
        from index.store import LancePassageStore

        self._check_recipe()
        uri = self._passages()
        dimension = int(self.catalogue.recipe().get("dimension") or self.embedder.dimension)
        try:
            return LancePassageStore(uri, dimension, self.settings.language, create=uri == NOTHING_YET)
        except (OSError, RuntimeError, ValueError) as error:
            raise IndexUnavailable(
                f"The passages in {self.folder} can't be opened ({str(error)[:120]}): "
                f"run: footnote rebuild --index {self.folder}"
            ) from error

    def _passages(self) -> str:
        """Where the passages are that go with the catalogue as it is now."""
        recipe = self.catalogue.recipe()
        return str(self.folder / recipe.get("passages", PASSAGES)) if recipe else NOTHING_YET

    @cached_property
    def splitter(self) -> Splitter:
        """What cuts articles into passages."""
        from index.passages import Splitter

        return Splitter(self.embedder, self.settings.language)

    def retriever(
        self,
        *,
        k: int = 10,
        filters: MetadataFilters | None = None,
        fusion: Fusion = "convex",
        every_copy: bool = False,
    ) -> HybridRetriever:
        """A retriever of the k best passages among those that satisfy the filters.

        `every_copy` gives each copy of an article its own place, for measuring against judgements of each.
        """
        from index.copies import Copies
        from index.search import HybridRetriever

        stories = None if every_copy else Copies(self.compared, self.article)
        return HybridRetriever(self.store, self.embedder, k=k, filters=filters, stories=stories, fusion=fusion)

    # --- the recipe ---

    def recipe(self) -> dict[str, str]:
        """How the settings make an index, as far as it can be told without loading the model."""
        from index.embed import chosen_precision, model_name

        return {
            "layout": LAYOUT,
            "model": model_name(self.settings),
            "precision": chosen_precision(self.settings.precision),
            "language": self.settings.language,
        }

    def _check_recipe(self) -> None:
        """Raises RecipeMismatch when the index was made otherwise than the settings say, unless it is being rebuilt.

        Raises IndexUnavailable when there are articles whose passages were never all made.
        """
        if self._rebuilding:
            return
        made = self.catalogue.recipe()
        if not made and self.count():
            raise IndexUnavailable(
                f"The index in {self.folder} is incomplete, a rebuild was stopped: "
                f"run: footnote rebuild --index {self.folder}"
            )
        differing = [key for key, value in self.recipe().items() if made and made.get(key) != value]
        if differing:
            key = differing[0]
            raise RecipeMismatch(
                f"The index in {self.folder} was made with {key} {made.get(key)}, the settings say "
                f"{self.recipe()[key]}: set it back, or run: footnote rebuild --index {self.folder}"
            )

    # --- writing ---

    @contextmanager
    def writing(self, *, rebuild: bool = False) -> Iterator[None]:
        """Hold the writer's lock; on entry, finish or forget what a killed writer left half done.

        Raises WriterBusy when another process holds it, RecipeMismatch when the index was made otherwise,
        IndexUnavailable when it can't be written to, and UsageError for a language that no index can be made with.
        With `rebuild`, what is written goes into new passages, which nobody sees before `put_in_place`; without that
        they are dropped.
        """
        from filelock import FileLock, Timeout

        lock = FileLock(self.folder / ".writer.lock", timeout=LOCK_TIMEOUT_S)
        try:
            lock.acquire()
        except Timeout as error:
            raise WriterBusy(
                f"Another process is writing to the index in {self.folder}: wait until it has finished"
            ) from error
        except OSError as error:
            raise IndexUnavailable(
                f"The index in {self.folder} can't be written to ({error.strerror}): see that you may write its folder,"
                " and that its disk has room"
            ) from error
        try:
            if rebuild:
                self._rebuilding = True
                self._start_anew()
            else:
                self._recover()
            yield
        finally:
            if self._rebuilding:
                self._rebuilding = False
                self._drop_other_passages()
            lock.release()

    def put_in_place(self) -> None:
        """In one step, what was rebuilt is the index from now on. Call inside `writing(rebuild=True)`.

        The passages of before stay until the next writer comes, for those who are reading them.
        """
        made = {**self.recipe(), "dimension": str(self.store.dimension), "passages": Path(self.store.uri).name}
        self.catalogue.set_recipe(made)
        self._rebuilding = False

    def commit(self, articles: Mapping[str, Sequence[object]], *, all_new: bool = False) -> None:
        """Finish the pending revisions of these articles: their passages into the store, then on to the disk.

        `all_new` says that the store holds nothing of any of them, which is quicker: what a killed writer left there
        is taken back before the next one begins.
        """
        if all_new:
            self.store.append([node for passages in articles.values() for node in passages])  # type: ignore[misc]
        else:
            self.store.replace_articles(articles)  # type: ignore[arg-type]
        self._sync_to_disk()
        if not self._rebuilding:
            self.catalogue.finish(articles)

    def remove(self, article_ids: Sequence[str]) -> list[str]:
        """The ids of the articles removed, of those given; nothing of them stays. Call inside `writing()`."""
        present = [article_id for article_id in article_ids if self.catalogue.known(article_id)]
        if present:
            self.catalogue.begin_removal(present)
            self._finish_removals()
        return present

    def _finish_removals(self) -> None:
        removals = self.catalogue.removals()
        if removals:
            self.store.delete_articles(removals)
            self._sync_to_disk()
            self.catalogue.finish_removal(removals)

    def _recover(self) -> None:
        """Bring catalogue and store together after a kill or a power cut; make the store of a new index."""
        self._settle()
        articles, passages = self.catalogue.count()
        if articles and self.store.count() != passages:
            self._restore()
        if not self.catalogue.recipe():
            self._store = self._new_store(PASSAGES)
            self.catalogue.set_recipe({**self.recipe(), "dimension": str(self._store.dimension)})

    def _settle(self) -> None:
        """Finish or forget what a killed writer left half done."""
        pending = self.catalogue.pending_revs()
        if pending:
            stored = self.store.passage_counts(pending)
            arrived = [i for i, (rev, passages) in pending.items() if stored.get((i, rev)) == passages]
            self.catalogue.finish(arrived)
            self.catalogue.abandon(set(pending) - set(arrived))
        self._finish_removals()
        self.catalogue.forget_old_revisions()
        self._drop_other_passages()

    def _restore(self) -> None:
        """Index again the articles whose passages are not all in the store, and drop passages of none."""
        from index.ingest import write_articles

        current = self.catalogue.passage_counts()
        stored = self.store.passage_counts()
        wanted = {(article_id, rev): passages for article_id, (rev, passages) in current.items()}
        self.store.delete_articles(sorted({article_id for article_id, _ in stored} - set(current)))
        broken = sorted(key[0] for key, passages in wanted.items() if stored.get(key) != passages)
        logger.warning("%d articles had lost passages; they are indexed again from the catalogue", len(broken))
        write_articles(self, (article for i in broken if (article := self.article(i)) is not None))

    def _start_anew(self) -> None:
        """Have what is written go into new passages; those there, and the recipe, stay until these take their place."""
        self._store = None
        try:
            self._settle()
        except (IndexUnavailable, OSError, RuntimeError, ValueError):  # passages that are gone or broken hold nothing
            self.catalogue.abandon(self.catalogue.pending_revs())
        number = self.catalogue.recipe().get("passages", PASSAGES).removeprefix(f"{PASSAGES}-")
        self._store = self._new_store(f"{PASSAGES}-{int(number) + 1 if number.isdecimal() else 2}")

    def _new_store(self, name: str) -> LancePassageStore:
        """Empty passages in this folder, where the settings can make any."""
        from index.passages import sentence_spans
        from index.store import LancePassageStore

        sentence_spans("", self.settings.language)
        dimension = self.embedder.dimension
        shutil.rmtree(self.folder / name, ignore_errors=True)
        return LancePassageStore(str(self.folder / name), dimension, self.settings.language, create=True)

    def _drop_other_passages(self) -> None:
        """Delete the passages of before a rebuild, and those of one that was stopped."""
        current = self._passages()
        for folder in self.folder.iterdir():
            if re.fullmatch(rf"{PASSAGES}(-\d+)?", folder.name) and str(folder) != current:
                shutil.rmtree(folder, ignore_errors=True)

    def _sync_to_disk(self) -> None:
        """Have the system write the folder's file system to disk: LanceDB itself never asks for it."""
        libc = ctypes.CDLL(None, use_errno=True)
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            if not hasattr(libc, "syncfs") or libc.syncfs(folder) != 0:
                os.sync()
        finally:
            os.close(folder)
