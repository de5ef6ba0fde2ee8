#!/bin/sh
# Starts nanoidp on loopback, in the foreground; Ctrl-C ends it.
#   PORT  where it listens (20106)
#   TTL   life of a device code in seconds (600)
# The first start installs into out/, which git ignores.
set -eu
cd "$(dirname "$0")"
export PORT="${PORT:-20106}" TTL="${TTL:-600}"
python="out/venv/bin/python"
if ! cmp -s requirements.txt out/installed.txt; then
    mkdir -p out
    python3 -m venv --clear out/venv >&2
    "$python" -m pip install --quiet --disable-pip-version-check -r requirements.txt >&2
    cp requirements.txt out/installed.txt
fi
config="out/config-$PORT"
mkdir -p "$config/keys"
cp settings.yaml users.yaml "$config/"
"$python" announce.py &
exec "$python" -m nanoidp --config "$config" --host 127.0.0.1 --port "$PORT"
