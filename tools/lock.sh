#!/bin/sh
# Pin every package with its hashes, for every platform and Python from 3.11 on. The index that answered stays out.
# With --keep what is pinned stays, and only what pyproject.toml asks for anew is added.
set -eu
cd "$(dirname "$0")/.."
upgrade=--upgrade
[ "${1-}" != --keep ] || upgrade=
compile() {
    env -u PIP_FIND_LINKS uv pip compile --quiet --universal --python-version 3.11 --generate-hashes $upgrade \
        --no-emit-index-url --no-emit-find-links --no-annotate --no-header "$@"
}
compile --extra dev pyproject.toml requirements/build.in --output-file requirements/dev.txt
compile --constraint requirements/dev.txt pyproject.toml requirements/build.in --output-file requirements/runtime.txt
compile --constraint requirements/dev.txt requirements/bench.in --output-file requirements/bench.txt
if grep -nE '://|file:|^/|^ *-(-index|-find|i |f )' requirements/*.txt; then
    echo "lock: an address or a path of this machine is in the lock" >&2
    exit 1
fi
