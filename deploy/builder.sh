# Sourced by the scripts beside it: which builder works on this machine. BUILDER names one.

find_builder() {
    for builder in ${BUILDER:-docker podman buildah}; do
        # A docker without its engine is no builder, so ask for more than a version.
        if command -v "$builder" >/dev/null 2>&1 && "$builder" info >/dev/null 2>&1; then
            return 0
        fi
    done
    echo "No container builder works here. Install one of docker (with its engine running)," >&2
    echo "podman or buildah; on Debian: apt-get install podman." >&2
    exit 69
}
