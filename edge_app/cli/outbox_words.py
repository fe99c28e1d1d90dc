"""A job of the outbox as commands say it."""

from edge_app.domain.outbox import PROBLEM_WORDS, Job, Problem


def job_said(job: Job) -> dict[str, object]:
    """Return a job as JSON says it."""
    return {
        "id": job.short_key,
        "study_id": job.study_id,
        "version": job.version,
        "kind": job.send.kind.value,
        "target": job.send.target,
        "state": job.state.value,
        "problem": job.problem.value,
        "tries": job.tries,
        "wait_s": round(job.wait_s, 1),
    }


def job_words(job: Job) -> str:
    """Return how far a job has come, and what to do about it."""
    words = job.state.value.capitalize()
    if job.problem is not Problem.NONE:
        words = f"{words}: {PROBLEM_WORDS[job.problem]} ({job.problem.value})"
    if job.is_open and job.wait_s > 0:
        words = f"{words} It is tried again in {job.wait_s:.0f} s."
    return words
