"""A process for one job: `python -m fxchain.batch.worker`.

It reads the job as a line of JSON from its input and writes lines of JSON: [phase, loss, share]
after each step, and the outcome last. When its input ends, its parent has ended, and it stops too.
"""

import json
import os
import resource
import signal
import sys
import threading


def main() -> None:
    """Do the job."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    message = json.loads(sys.stdin.readline())
    if message["memory_mebibytes"]:
        limit = message["memory_mebibytes"] * 2**20
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    threading.Thread(target=_stop_when_alone, daemon=True).start()

    from fxchain.batch.job import Job, run_job

    def progress(phase: str, loss: float, share: float) -> None:
        print(json.dumps([phase, str(loss), share]), flush=True)

    outcome = run_job(Job(**message["job"]), progress)
    print(json.dumps(outcome.to_json()), flush=True)


def _stop_when_alone() -> None:
    """Wait for the end of the input, then stop as Ctrl-C would."""
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
