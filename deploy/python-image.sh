#!/bin/sh
# Make a base image from Debian's packages, where no image registry can be reached.
#
# Needs root and mmdebstrap, and podman, buildah or docker. Variables, all optional:
#   PYTHON_IMAGE  name of the image; default: localhost/agency-gateway-python
#   APT_SOURCES   sources file of Debian 12 to install from; default: Debian's own servers
set -eu
cd "$(dirname "$0")/.."
. deploy/builder.sh

image=${PYTHON_IMAGE:-localhost/agency-gateway-python}
find_builder
if ! command -v mmdebstrap >/dev/null 2>&1; then
    echo "mmdebstrap is missing; on Debian: apt-get install mmdebstrap." >&2
    exit 69
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mmdebstrap --quiet --variant=minbase --include=python3,python3-venv,ca-certificates \
    bookworm "$work/root.tar" ${APT_SOURCES:+"$APT_SOURCES"}
path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
case $builder in
    buildah)
        container=$(buildah from scratch)
        buildah add --quiet "$container" "$work/root.tar" /
        buildah config --env "PATH=$path" "$container"
        buildah commit --quiet --rm "$container" "$image"
        ;;
    *)
        "$builder" import --change "ENV PATH=$path" "$work/root.tar" "$image"
        ;;
esac
echo "Made $image with $builder."
