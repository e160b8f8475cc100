"""Starts the fault proxy between the functions and the local AWS emulator: faults.py PORT UPSTREAM

Mends some things of the pinned version:
- It hands on neither `Host` nor `Content-Length`, though signed links have signed both, and a reply
  to HEAD tells a file's size in the latter.
- It can't cut a reply that has no body, such as S3's to a put, and sends the head of any other
  before it cuts. With `abort_frac: 0` nothing of a reply is sent, though all of it was received.
- It keeps no more than 2,000 faults in its log.
- It would outlive a parent that dies without a word. Standard input is the parent's lifeline.
"""

import os
import signal
import sys
import threading

from aiohttp import web
from microburst import forward
from microburst.app import make_app
from microburst.core.pipeline import Microburst

LOG_LENGTH = 1_000_000


def end_with_parent() -> None:
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def keep_host(outbound_headers):
    def kept(self, request):
        return outbound_headers(self, request) | {"host": request.host}

    return kept


def cut_whole_replies(stream_to_client):
    async def cut(request, status, headers, mutator, chunks):
        if mutator is None or mutator.abort_frac != 0:
            return await stream_to_client(request, status, headers, mutator, chunks)
        async for _ in chunks:
            pass
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=status)  # never written: the socket is dead

    return cut


if __name__ == "__main__":
    port, upstream = int(sys.argv[1]), sys.argv[2]
    threading.Thread(target=end_with_parent, daemon=True).start()
    forward.HOP_BY_HOP -= {"content-length"}
    forward.Upstream._outbound_headers = keep_host(forward.Upstream._outbound_headers)
    forward._stream_to_client = cut_whole_replies(forward._stream_to_client)
    proxy = Microburst(upstream, fired_capacity=LOG_LENGTH)
    web.run_app(make_app(proxy), host="127.0.0.1", port=port, print=None, access_log=None)
