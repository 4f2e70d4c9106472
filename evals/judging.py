"""`footnote eval run … --judge`: the language model that FOOTNOTE_LLM names judges whether answers are faithful.

Faithful: the answer says only what the sentences that it cites say. It is an opinion, so it has a part of its own in
the metrics, is never among the headline or in the marks that the gate compares, and each verdict is kept with its
reason in `judgements.jsonl`.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from bot.instructions import instructions, without_instructions
from bot.prompts import JUDGE, JUDGE_RULES, numbered
from bot.write import WriterFailed, said_by
from evals.intervals import mean
from evals.types import Judged, Marks, Measured
from evals.workspace import JUDGEMENTS, Journal, Workspace

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

logger = logging.getLogger(__name__)

FAITHFUL = "judged_faithful"
NO_MODEL = "no language model is configured to judge: name one with FOOTNOTE_LLM"
NO_ANSWER = "no question was answered"
NO_VERDICT = "the language model gave no verdict"
GIVEN_UP_AFTER = 5
"""Failures in a row after which a model is not asked any more: a server that is down would cost a timeout for each."""
MAX_REASON = 400
"""Characters of a reason that are kept."""
_VERDICT = re.compile(r"\W*(yes|no)\b[\s.,:;–—*-]*(.*)", re.IGNORECASE | re.DOTALL)

Progress = Callable[[int, int], None]
Outcome = Literal["yes", "no", "unclear"]


def evaluate(marks: Sequence[Marks], llm: LLM | None, workspace: Workspace, progress: Progress) -> Judged:
    """Judges the answers in the workspace, keeping `judgements.jsonl`; those in it are not judged again.

    What the model fails at is counted and left out of the mean; a run that goes on tries it again.
    """
    if llm is None:
        return Judged(Measured({}, {FAITHFUL: NO_MODEL}))
    with workspace.journal("answers.jsonl") as journal:
        answered = [each for each in marks if journal[each.id]["status"] == "answered"]
        answers = {each.id: journal[each.id] for each in answered}
    with workspace.journal(JUDGEMENTS) as journal:
        errors = judge_all(answers, llm, journal, progress)
        found = {identifier: journal[identifier] for identifier in answers if identifier in journal}
    return summed(answered, found, errors, llm.metadata.model_name)


def judge_all(answers: Mapping[str, Mapping[str, Any]], llm: LLM, journal: Journal, progress: Progress) -> list[str]:
    """Adds a verdict for each answer to the journal; gives what the model failed with, in words, once for each."""
    errors: list[str] = []
    in_a_row = 0
    for done, (identifier, answer) in enumerate(answers.items(), start=1):
        if identifier not in journal and in_a_row < GIVEN_UP_AFTER:
            try:
                verdict, reason = judged(llm, answer)
                journal.add({"id": identifier, "verdict": verdict, "reason": reason})
                in_a_row = 0
            except WriterFailed as error:
                errors.append(str(error))
                in_a_row += 1
        progress(done, len(answers))
    if in_a_row == GIVEN_UP_AFTER:
        logger.warning("the language model failed %d times in a row and is not asked any more", in_a_row)
    return errors


def judged(llm: LLM, answer: Mapping[str, Any]) -> tuple[Outcome, str]:
    """The verdict on one answer (as `ask --json` prints it) and the model's reason. Raises WriterFailed."""
    from llama_index.core.llms import ChatMessage

    marker = f"=== {secrets.token_hex(8)} ==="
    cited = [(_header(each), without_instructions(str(each["quote"]))) for each in answer["citations"]]
    asked = JUDGE.format(marker=marker, passages=numbered(cited), question=asked_of(answer), answer=_with_marks(answer))
    said = said_by(
        llm,
        [
            ChatMessage(role="system", content=JUDGE_RULES.format(marker=marker)),
            ChatMessage(role="user", content=asked),
        ],
    )
    return parsed(said)


def asked_of(answer: Mapping[str, Any]) -> str:
    """The question as it stands alone."""
    return str(answer.get("interpreted_question") or answer["question"])


def parsed(said: str) -> tuple[Outcome, str]:
    """The verdict that a model's words begin with, and the reason after it; "unclear" where they begin otherwise."""
    found = _VERDICT.match(said)
    if found is None:
        return "unclear", _one_line(said)
    return ("yes" if found[1].casefold() == "yes" else "no"), _one_line(found[2])


def summed(answered: Sequence[Marks], found: Mapping[str, Mapping[str, Any]], errors: Sequence[str], by: str) -> Judged:
    """The share of yes among the clear verdicts, drawn by the questions' clusters, and the rest counted."""
    clear = [each for each in answered if found.get(each.id, {}).get("verdict") in ("yes", "no")]
    if not clear:
        measured = Measured({}, {FAITHFUL: NO_VERDICT if answered else NO_ANSWER})
    else:
        values = [float(found[each.id]["verdict"] == "yes") for each in clear]
        measured = Measured({FAITHFUL: mean(values, [each.cluster or each.id for each in clear])})
    return Judged(
        measured,
        by=by,
        answers=len(answered),
        errors=len(errors),
        unclear=sum(each["verdict"] == "unclear" for each in found.values()),
        not_asked=len(answered) - len(found) - len(errors),
        first_error=errors[0] if errors else "",
        unfaithful={each.id: str(found[each.id]["reason"]) for each in clear if found[each.id]["verdict"] == "no"},
    )


def _header(citation: Mapping[str, Any]) -> str:
    """`title · source · date`, without what is an instruction to a machine."""
    parts = (str(citation.get(key) or "") for key in ("title", "source", "date"))
    return " · ".join(part for part in parts if part and not instructions(part))


def _with_marks(answer: Mapping[str, Any]) -> str:
    """The answer's sentences, each with the numbers that it cites as they stand in the list of citations."""
    places = {citation["n"]: place for place, citation in enumerate(answer["citations"], start=1)}
    return " ".join(
        without_instructions(str(sentence["text"]))
        + "".join(f" [{places[n]}]" for n in sentence["citations"] if n in places)
        for sentence in answer["sentences"]
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())[:MAX_REASON]
