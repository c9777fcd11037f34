# The server with all its models: CPU only, without root, on a root it can't write to, and no network is asked when it runs.
#   docker build -t babelquote .
#   docker run --network host --read-only --tmpfs /tmp -v rag:/var/lib/rag babelquote   # for yourself alone, on Linux
# A published port needs `chat --host 0.0.0.0 --auth FILE`: without users the server answers its own machine only.
# compose.yaml starts it, with a database or local models where it is told to; docs/deploying.md says how.

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends binutils && rm -rf /var/lib/apt/lists/*
RUN python -m venv /opt/rag
# Packages change less often than the program: this layer stays. Each is checked by its SHA-256.
COPY image.txt ./
RUN /opt/rag/bin/pip install --require-hashes --no-deps -r image.txt
COPY pyproject.toml README.md LICENSE ./
COPY babelquote ./babelquote
COPY index ./index
COPY rag ./rag
COPY ui ./ui
COPY seeds ./seeds
RUN /opt/rag/bin/pip install --no-deps --no-build-isolation .
# What the server never loads goes: a fifth of the image.
COPY tools/slim.py ./tools/slim.py
RUN /opt/rag/bin/python tools/slim.py --strip /opt/rag/lib/python3.11/site-packages

FROM python:3.11-slim-bookworm
# What reads scans; further languages are packages of their own: --build-arg OCR="tesseract-ocr-deu tesseract-ocr-ara".
ARG OCR="tesseract-ocr-eng"
# Debian drops a version when a fixed one takes its place: pinned ones would stop building.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1 tesseract-ocr $OCR \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/rag --create-home --shell /usr/sbin/nologin rag
COPY --from=build /opt/rag /opt/rag
# What belongs to a machine (uploads, keys, an index in a folder) lies in /var/lib/rag: a volume.
ENV PATH=/opt/rag/bin:$PATH HOME=/var/lib/rag XDG_DATA_HOME=/var/lib/rag/data XDG_CACHE_HOME=/tmp/cache \
    PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 GRADIO_ANALYTICS_ENABLED=False HF_HUB_OFFLINE=1
USER 10001:10001
WORKDIR /var/lib/rag
VOLUME /var/lib/rag
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:7860/health', timeout=4)"]
ENTRYPOINT ["rag"]
CMD ["chat"]
