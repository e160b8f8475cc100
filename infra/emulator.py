"""Starts the local AWS emulator for the `bubuh` command.

Mends three things of the pinned version:
- Its Lambda Runtime API writes headers and body apart; with Nagle's algorithm on, each warm
  invocation waits some 40 ms for a delayed ACK.
- It keeps an event source mapping's MaximumConcurrency as the string that a CloudFormation
  parameter is, and then fails to compare it with a number.
- It would outlive a parent that dies without a word. Standard input is the parent's lifeline.
"""

import os
import signal
import socketserver
import sys
import threading


def end_with_parent() -> None:
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


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
    from ministack.app import main

    keep_concurrency_numeric()
    sys.argv = ["ministack"]
    main()
