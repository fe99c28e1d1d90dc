#!/bin/sh
# Makes build/providers/NAME with another runtime than the shipped one, for `make test-providers`.
# Two runtimes overwrite each other in one environment, hence one environment each.
set -eu
cd "$(dirname "$0")/.."
name=$1
wanted=$2
place=build/providers/$name
stamp=$place/.made-from
key="$wanted $(cat packaging/requirements-dev.lock packaging/provider-env.sh | sha256sum | cut -d' ' -f1)"
[ "$(cat "$stamp" 2>/dev/null)" = "$key" ] && exit 0
printf 'providers: preparing %s with %s\n' "$place" "$wanted"
rm -rf "$place"
.venv/bin/python -m venv "$place"
pip() { "$place/bin/python" -m pip --disable-pip-version-check "$@" 2>/dev/null; }
pip install -q --require-hashes -r packaging/requirements-dev.lock
case $wanted in
    onnxruntime-ep-*) ;;                      # a plug-in stands beside the shipped runtime
    *) pip uninstall -q -y onnxruntime ;;
esac
pip install -q "$wanted"
pip install -q --no-deps -e .
printf '%s' "$key" > "$stamp"
