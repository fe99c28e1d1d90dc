# What is done in the emulated machine, in /repo (this checkout, read only); figures go to /tmp/out.
set -u
export HOME=/tmp PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=/repo:/repo/site-packages QT_QPA_PLATFORM=offscreen
failed=0
tried() {
    printf '\n== %s\n' "$*"
    "$@" && return 0
    printf '== failed: %s\n' "$*"
    failed=1
}
# In software emulation a process may come up later than the program waits for it.
patiently() { "$@" || { echo "== tried again"; "$@"; } || { echo "== tried again"; "$@"; }; }
edge_app() { patiently python3 -m edge_app "$@"; }

uname -sr
gives_up() { echo "test-vm: $*"; exit 3; }
python3 -c 'import numpy' || gives_up "the machine's Python cannot load what is in .venv"
modprobe -a vivid vhci-hcd uvcvideo || gives_up "the machine's kernel lacks a module"
cd /tmp
camera=camera-vivid-at-platform-vivid-000
# The whole list starts a process for each device at once, which is too much for two emulated cores. So
# the finder is asked what is attached, and then the list for that alone.
finder='from hardware.remote import found_places; print(found_places("edge_app.compose.finder_worker", "camera"))'
tried patiently python3 -c "$finder"
tried edge_app devices list --device "camera:${camera#camera-}" --json
tried edge_app devices show $camera --device "camera:${camera#camera-}" --json
tried edge_app devices capture $camera --device "camera:${camera#camera-}" --count 3 --out /tmp/out/taken --json
# The window's library is not in this machine, and the checkout's own settings of pytest ask for it.
printf '[pytest]\n' >/tmp/pytest.ini
suite() { tried python3 -m pytest -q -s --color=no -p no:cacheprovider -p no:pytest-qt -c /tmp/pytest.ini --rootdir /repo "$@"; }
suite /repo/tests/vm
suite /repo/tests/contract/test_scanner.py -k "vivid or uvc"
exit $failed
