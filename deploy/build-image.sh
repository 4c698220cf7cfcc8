#!/bin/sh
# Build the gateway's image with docker, podman or buildah, whichever works here.
#
# Variables, all optional:
#   BUILDER          the builder to take; default: the first of the three that works
#   IMAGE            name and tag; default: agency-gateway, and as tag the version of this checkout
#   PYTHON_IMAGE     base image; default: the one in the Dockerfile; give a digest to pin it
#   PIP_CONFIG       pip.conf for the build, e.g. with the address of your package mirror
#   CA_CERTIFICATES  PEM file that pip shall trust, where a mirror has a certificate of your own
set -eu
cd "$(dirname "$0")/.."
. deploy/builder.sh

version=$(sed -n 's/^version = "\(.*\)"$/\1/p' pyproject.toml)
image=${IMAGE:-agency-gateway:$version}
revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)

find_builder
set -- --tag "$image" --build-arg "VERSION=$version" --build-arg "REVISION=$revision" --file Dockerfile
if [ "$builder" != docker ]; then
    # The OCI format has no health check.
    set -- --format docker "$@"
fi
if [ -n "${PYTHON_IMAGE:-}" ]; then
    set -- "$@" --build-arg "PYTHON_IMAGE=$PYTHON_IMAGE"
fi
if [ -n "${PIP_CONFIG:-}" ]; then
    set -- "$@" --secret "id=pip,src=$PIP_CONFIG"
fi
if [ -n "${CA_CERTIFICATES:-}" ]; then
    set -- "$@" --secret "id=ca,src=$CA_CERTIFICATES"
fi
echo "Building $image with $builder."
"$builder" build "$@" .
