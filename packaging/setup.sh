#!/bin/sh
# Makes .venv in the checkout, with everything that `make demo` and `make test` need.
# A second run finds its stamp and does nothing.
set -eu
cd "$(dirname "$0")/.."
lock=packaging/requirements-dev.lock
say() { printf 'setup: %s\n' "$*"; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo -n "$@"
    else return 1
    fi
}

apt_install() {
    command -v apt-get >/dev/null || { say "no apt-get here; please install: $*"; return 1; }
    say "installing by apt: $*"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >/dev/null 2>&1 && return 0
    as_root apt-get update -q >/dev/null 2>&1 || { say "no rights to install; please run: sudo apt-get install $*"; return 1; }
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >/dev/null
}

good_python() {
    for name in python3 python3.13 python3.12 python3.11 python3.10; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
            command -v "$name"
            return 0
        fi
    done
    return 1
}

missing_libraries() {
    known=$(ldconfig -p 2>/dev/null || /sbin/ldconfig -p 2>/dev/null || true)
    while read -r library package; do
        case "$known" in *"$library"*) ;; *) printf '%s ' "$package" ;; esac
    done <<LIBRARIES
libEGL.so.1 libegl1
libGL.so.1 libgl1
libxkbcommon.so.0 libxkbcommon0
libdbus-1.so.3 libdbus-1-3
libfontconfig.so.1 libfontconfig1
libglib-2.0.so.0 libglib2.0-0
libxcb-cursor.so.0 libxcb-cursor0
libxkbcommon-x11.so.0 libxkbcommon-x11-0
libxcb-icccm.so.4 libxcb-icccm4
libxcb-keysyms.so.1 libxcb-keysyms1
libxcb-shape.so.0 libxcb-shape0
LIBRARIES
    [ -f /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ] || printf 'fonts-dejavu-core '
}

# Real devices' programs that tests start; without one its tests are skipped and say so.
missing_peers() {
    command -v storescu >/dev/null && command -v echoscu >/dev/null || printf 'dcmtk '
    command -v arv-fake-gv-camera-0.8 >/dev/null || printf 'libaravis-0.8-0 aravis-tools '
    command -v scanimage >/dev/null || printf 'libsane1 libsane-common sane-utils '
    case "$(ldconfig -p 2>/dev/null || /sbin/ldconfig -p 2>/dev/null)" in  # a disk whose power is cut
        *libfuse3.so.3*) ;; *) printf 'libfuse3-3 ' ;; esac
    [ -x /usr/sbin/cupsd ] && command -v cupsdisable >/dev/null || printf 'cups-daemon cups-client '
    command -v faketime >/dev/null || printf 'faketime '
    command -v swtpm >/dev/null && command -v tpm2_unseal >/dev/null || printf 'swtpm tpm2-tools '
}

# Cameras to test with: what reads streams (29 MB installed), and Python's bindings for the server.
missing_streams() {
    /usr/bin/python3 -c 'import gi; gi.require_version("GstApp", "1.0")' 2>/dev/null ||
        printf 'python3-gi gir1.2-gst-plugins-base-1.0 '
    ls /usr/lib/*/gstreamer-1.0/libgstrtsp.so >/dev/null 2>&1 ||
        printf 'gstreamer1.0-plugins-base gstreamer1.0-plugins-good '
}

# gst-rtsp-server is 172 KB, but asks for the "bad" plugins (150 MB), which it does not need here.
# So it is unpacked beside the checkout's other products and not installed.
unpack_rtsp_server() (
    folder=build/gst-rtsp-server
    [ -d $folder ] && return 0
    rm -rf $folder.part && mkdir -p $folder.part && cd $folder.part
    apt-get download -q libgstrtspserver-1.0-0 gir1.2-gst-rtsp-server-1.0 >/dev/null 2>&1 || return 1
    for package in *.deb; do dpkg -x "$package" . || return 1; done
    rm -- *.deb && cd ../.. && mv $folder.part $folder
)

stamp=.venv/.made-from
wanted=$(cat "$lock" pyproject.toml packaging/setup.sh | sha256sum | cut -d' ' -f1)
if [ -x .venv/bin/edge-app ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
    exit 0
fi

say "preparing this machine once (a few minutes; later runs start at once)"
python=$(good_python) || { apt_install python3 python3-venv; python=$(good_python); } || {
    say "Python 3.10 or newer is needed"; exit 1; }
"$python" -c 'import ensurepip, venv' 2>/dev/null || apt_install python3-venv
missing=$(missing_libraries)
if [ -n "$missing" ]; then
    # shellcheck disable=SC2086  # a list of packages
    apt_install $missing || say "going on without them: the window may not open"
else
    say "system libraries: all there"
fi
# Real peers of tests; without one its tests are skipped and say so.
peers="$(missing_peers)$(missing_streams)"
if [ -n "$peers" ]; then
    # shellcheck disable=SC2086  # a list of packages
    apt_install $peers || say "going on without them: the tests with these devices are skipped"
fi
unpack_rtsp_server || say "going on without gst-rtsp-server: tests with RTSP cameras are skipped"
say "environment: .venv with $("$python" --version)"
"$python" -m venv .venv
say "Python packages from $lock, each checked by its hash"
.venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r "$lock"
.venv/bin/python -m pip install -q --disable-pip-version-check --no-deps -e .
printf '%s' "$wanted" > "$stamp"
say "done: .venv/bin/edge-app"
