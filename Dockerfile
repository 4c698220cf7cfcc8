# The gateway as an image: dependencies by hash, no root, no writable disk but its volume.
# `make image` builds it; docs/install.md says how it is run.
ARG PYTHON_IMAGE=docker.io/library/python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
# The gateway's own environment gets no pip: nothing is installed at run time.
RUN python3 -m venv tools && python3 -m venv --without-pip /opt/agency-gateway
COPY requirements-build.lock requirements-runtime.lock ./
# Where packages come from is the builder's affair: both secrets are optional and stay out of the image.
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \
    --mount=type=secret,id=ca,target=/run/secrets/ca.pem \
    if [ -s /run/secrets/ca.pem ]; then export PIP_CERT=/run/secrets/ca.pem; fi \
    && tools/bin/pip install --no-deps --require-hashes --only-binary :all: -r requirements-build.lock \
    && tools/bin/pip --python /opt/agency-gateway/bin/python install \
        --no-deps --require-hashes --only-binary :all: -r requirements-runtime.lock
COPY pyproject.toml README.md LICENSE ./
COPY schemas schemas
COPY adapters adapters
COPY gateway gateway
RUN tools/bin/pip wheel --no-deps --no-index --no-build-isolation --wheel-dir dist . \
    && tools/bin/pip --python /opt/agency-gateway/bin/python install --no-deps --no-index dist/*.whl

FROM ${PYTHON_IMAGE}
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="agency-gateway" \
      org.opencontainers.image.description="Interoperability gateway for public administration" \
      org.opencontainers.image.licenses="EUPL-1.2" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# The number is fixed, so that volumes keep their owner and Kubernetes can see that it is not root.
RUN groupadd --gid 10001 agency-gateway \
    && useradd --no-log-init --uid 10001 --gid 10001 --no-create-home \
        --home-dir /var/lib/agency-gateway --shell /usr/sbin/nologin agency-gateway \
    && install -d -o 10001 -g 10001 -m 0700 /var/lib/agency-gateway \
    && install -d -m 0755 /etc/agency-gateway
COPY --from=build /opt/agency-gateway /opt/agency-gateway
# Host and port stand here because variables outrank the file: whatever the file says, the
# published port and the health check below stay right.
ENV PATH="/opt/agency-gateway/bin:${PATH}" \
    PYTHONDONTWRITEBYTECODE=1 \
    XDG_DATA_HOME=/var/lib \
    AGENCY_GATEWAY_CONFIG=/etc/agency-gateway/gateway.toml \
    AGENCY_GATEWAY_SERVER__HOST=0.0.0.0 \
    AGENCY_GATEWAY_SERVER__PORT=8080
USER 10001:10001
WORKDIR /var/lib/agency-gateway
VOLUME ["/var/lib/agency-gateway"]
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python3", "-c", "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1', int(os.environ['AGENCY_GATEWAY_SERVER__PORT']), timeout=4); c.request('GET', '/health/live'); sys.exit(c.getresponse().status != 200)"]
ENTRYPOINT ["agency-gateway"]
CMD ["serve"]
