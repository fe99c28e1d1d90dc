set -u
export HOME=/tmp PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=/repo:/repo/.venv/lib/python3.11/site-packages
cd /tmp
modprobe vivid n_devs=1
for d in camera:vivid-at-platform-vivid-000 microscope:7 ultrasound:shipped xray-panel:shipped flatbed:3; do
echo $d
time python3 -m edge_app devices list --device $d --json
done
dmesg | tail -5
