#!/bin/sh
# Makes this checkout run on this machine, from whichever folder it is called. Flags are those of the target:
#   scripts/setup_local_dev.sh [-ui=false]
set -eu
trap 'exit 130' INT # or an interrupted bootstrap would be followed by the rest
unset CDPATH
cd "$(dirname "$0")/.."
if ! command -v go >/dev/null 2>&1; then
	echo "setup_local_dev.sh: Go is not on the PATH: get it from https://go.dev/dl, open a new terminal and run this again" >&2
	exit 1
fi
if [ ! -f .tools/py/.installed-key ]; then
	# It prepares for images, too: what it could not do may not matter here, and setupLocalDev says what does.
	go tool mage bootstrap || echo "setup_local_dev.sh: bootstrap could not do all; going on with what is there" >&2
fi
go tool mage setupLocalDev "$@"
