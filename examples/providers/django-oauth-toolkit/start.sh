#!/bin/sh
# Starts django-oauth-toolkit on loopback, in the foreground; Ctrl-C ends it.
#   PORT  where it listens (20104)
#   TTL   life of a device code in seconds (600)
# The first start installs into out/, which git ignores.  Every start begins with an empty database.
set -eu
cd "$(dirname "$0")"
export PORT="${PORT:-20104}" TTL="${TTL:-600}" PYTHONPATH="$PWD"
python="out/venv/bin/python"
if ! cmp -s requirements.txt out/installed.txt; then
    mkdir -p out
    python3 -m venv --clear out/venv >&2
    "$python" -m pip install --quiet --disable-pip-version-check -r requirements.txt >&2
    cp requirements.txt out/installed.txt
fi
export DATABASE="$PWD/out/database-$PORT.sqlite3"
rm -f "$DATABASE"
"$python" provider.py prepare >&2
exec "$python" -m gunicorn --config gunicorn_settings.py provider:application
