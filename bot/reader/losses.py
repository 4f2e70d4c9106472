"""What the reader is trained to do, as one number per batch."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from bot.reader.groups import Batch
from bot.reader.model import ReaderOutput

# The pilot's weight for relevance (issue 3); the other two keep each part's gradient below that of the
# span's.
RELEVANCE_WEIGHT = 0.5
ANSWERABLE_WEIGHT = 0.5
NOTHING_WEIGHT = 0.5


@dataclass(frozen=True)
class Losses:
    """The parts, each a mean over the pairs or groups it applies to, and their weighted `total`."""

    span: Tensor
    nothing: Tensor
    relevance: Tensor
    answerable: Tensor

    @property
    def total(self) -> Tensor:
        """The number to minimise."""
        return (
            self.span
            + NOTHING_WEIGHT * self.nothing
            + RELEVANCE_WEIGHT * self.relevance
            + ANSWERABLE_WEIGHT * self.answerable
        )


def losses(output: ReaderOutput, batch: Batch) -> Losses:
    """The four losses of a batch.

    span: of a pair that holds the answer, over all passages of its group (shared normalisation: Clark and
    Gardner 2018, section 3.2) and its own [CLS], all occurrences of the answer counting. nothing: of a pair
    that holds none, its [CLS] against its own passage. relevance: list-wise over the group. answerable:
    binary cross-entropy over pairs.
    """
    group = torch.from_numpy(batch.group)
    answerable = torch.from_numpy(batch.answerable)
    spans = torch.from_numpy(batch.spans)
    passage = torch.from_numpy(batch.passage)
    holding = spans[:, 0, 0] >= 0
    empty = ~answerable
    edges = [edge_log_probabilities(logits, passage, group, holding) for logits in (output.start, output.end)]
    at = spans.clamp(min=0)
    found = edges[0].gather(1, at[:, :, 0]) + edges[1].gather(1, at[:, :, 1])
    found = torch.logsumexp(found.masked_fill(spans[:, :, 0] < 0, float("-inf"))[holding], dim=1)
    nothing = edges[0][:, 0] + edges[1][:, 0]
    return Losses(
        span=-mean(found),
        nothing=-mean(nothing[empty]),
        relevance=relevance_loss(output.relevance, torch.from_numpy(batch.relevant), group),
        answerable=functional.binary_cross_entropy_with_logits(output.answerable, answerable.float()),
    )


def edge_log_probabilities(logits: Tensor, passage: Tensor, group: Tensor, holding: Tensor) -> Tensor:
    """Log probabilities (pairs, pieces) of one edge of the span, normalised as `losses` says."""
    own = logits.masked_fill(~passage, float("-inf")).logsumexp(1)
    together = own.unsqueeze(0).masked_fill(group.unsqueeze(0) != group.unsqueeze(1), float("-inf")).logsumexp(1)
    total = torch.logaddexp(torch.where(holding, together, own), logits[:, 0])
    return logits - total.unsqueeze(1)


def relevance_loss(relevance: Tensor, relevant: Tensor, group: Tensor) -> Tensor:
    """Cross-entropy of each group's relevant pair among its ranked ones, where it has a choice."""
    ranked = relevant >= 0
    rivals = (group.unsqueeze(0) == group.unsqueeze(1)) & ranked.unsqueeze(0)
    total = relevance.unsqueeze(0).masked_fill(~rivals, float("-inf")).logsumexp(1)
    counted = (relevant == 1) & (rivals.sum(1) > 1)
    return mean((total - relevance)[counted])


def mean(values: Tensor) -> Tensor:
    """The mean, or 0 of no values."""
    return values.sum() / max(1, values.numel())
