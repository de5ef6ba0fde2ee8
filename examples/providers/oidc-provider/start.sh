#!/bin/sh
# Starts oidc-provider on loopback, in the foreground; Ctrl-C ends it.
#   PORT  where it listens (20101)
#   TTL   life of a device code in seconds (600)
# The first start installs into out/, which git ignores.
set -eu
cd "$(dirname "$0")"
export PORT="${PORT:-20101}" TTL="${TTL:-600}"
mkdir -p out
cp package.json provider.mjs out/
cd out
if ! cmp -s package.json installed.json; then
    npm install --no-audit --no-fund --no-package-lock --loglevel=error >&2
    cp package.json installed.json
fi
exec node provider.mjs
