"""Starts the local AWS emulator for the `bubuh` command.

Mends some things of the pinned version:
- Its Lambda Runtime API writes headers and body apart; with Nagle's algorithm on, each warm
  invocation waits some 40 ms for a delayed ACK.
- It waits up to 50 ms after each invocation for a log line that may never come. Lines that come
  late are kept and told with the next invocation.
- It keeps an event source mapping's MaximumConcurrency as the string that a CloudFormation
  parameter is, and then fails to compare it with a number.
- It would outlive a parent that dies without a word, and its functions would outlive it. Standard
  input is the parent's lifeline: when it closes, the functions end, then state is saved.
- It does not notice another one that uses the same state, such as one that is still saving.
"""

import fcntl
import os
import signal
import socketserver
import sys
import threading


def end_with_parent() -> None:
    while os.read(0, 4096):
        pass
    from ministack.core import lambda_runtime

    lambda_runtime.reset()
    os.kill(os.getpid(), signal.SIGTERM)


def wait_for_predecessor():
    lock = open(os.path.join(os.environ["STATE_DIR"], "lock"), "w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def answer_before_the_logs() -> None:
    from ministack.core.lambda_runtime import Worker

    drain = Worker._drain_stderr_bounded

    def brief(self, first_line_wait=0.0, idle_confirm=0.0, hard_cap=0.25):
        return drain(self, first_line_wait, idle_confirm, hard_cap)

    Worker._drain_stderr_bounded = brief


def keep_concurrency_numeric() -> None:
    from ministack.services import lambda_svc

    limit_of = lambda_svc._sqs_esm_concurrency

    def numeric(esm, *rest):
        scaling = esm.get("ScalingConfig") or {}
        if isinstance(scaling.get("MaximumConcurrency"), str):
            esm["ScalingConfig"] = scaling | {"MaximumConcurrency": int(scaling["MaximumConcurrency"])}
        return limit_of(esm, *rest)

    lambda_svc._sqs_esm_concurrency = numeric


if __name__ == "__main__":
    socketserver.StreamRequestHandler.disable_nagle_algorithm = True
    threading.Thread(target=end_with_parent, daemon=True).start()
    lock = wait_for_predecessor()
    from ministack.app import main

    answer_before_the_logs()
    keep_concurrency_numeric()
    sys.argv = ["ministack"]
    main()
