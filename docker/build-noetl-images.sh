#!/bin/sh
# Builds NoETL's images, from whichever folder it is called. It only translates: see `go tool mage -h images`.
set -eu
trap 'exit 130' INT
unset CDPATH
me=${0##*/}

usage() {
	cat <<USAGE
usage: docker/$me [flags]

Builds the multi-arch image noetl-local-dev (CLI, server and web UI), audits it and, with --push, publishes it.

  --platforms LIST   comma list (default linux/amd64,linux/arm64)
  --use-buildx       build docker/noetl/dev/Dockerfile with docker buildx, instead of without Docker;
                     and the image noetl-pip (the installed package: server alone), from docker/noetl/pip/Dockerfile
  --push             push to --registry
  --registry REPO    such as ghcr.io/noetl
  --tag LIST         comma list of tags (default latest)
  --plain            no colours, no moving lines
  --no-pip           leave noetl-pip out
  --no-local-dev     leave noetl-local-dev out
  --help             this text

Flags with a value may be written --flag VALUE or --flag=VALUE.
USAGE
}

refuse() {
	echo "$me: $1" >&2
	usage >&2
	exit 2
}

platforms='' registry='' tag='' push='' buildx='' pip=yes local_dev=yes
while [ $# -gt 0 ]; do
	flag=$1
	shift
	case $flag in
	--platforms | --registry | --tag)
		[ $# -gt 0 ] || refuse "$flag needs a value"
		value=$1
		shift
		;;
	--platforms=* | --registry=* | --tag=*)
		value=${flag#*=}
		flag=${flag%%=*}
		;;
	*) value=- ;;
	esac
	case $value in
	'' | --*) refuse "$flag needs a value" ;;
	esac
	case $flag in
	--platforms) platforms=$value ;;
	--registry) registry=$value ;;
	--tag) tag=$value ;;
	--use-buildx) buildx=yes ;;
	--push) push=yes ;;
	--plain) export NO_COLOR=1 TERM=dumb BUILDKIT_PROGRESS=plain ;;
	--no-pip) pip= ;;
	--no-local-dev) local_dev= ;;
	--help | -h)
		usage
		exit 0
		;;
	*) refuse "there is no flag $flag" ;;
	esac
done
[ -z "$push" ] || [ -n "$registry${NOETL_REGISTRY:-}" ] || refuse "--push needs --registry"
[ -n "$buildx" ] || pip= # it has a Dockerfile alone
[ -n "$pip$local_dev" ] || refuse "nothing is left to build; the image noetl-pip needs --use-buildx"

cd "$(dirname "$0")/.."
if [ -n "$local_dev" ]; then
	command -v go >/dev/null || {
		echo "$me: Go is not on the PATH: get it from https://go.dev/dl" >&2
		exit 1
	}
	set --
	[ -z "$platforms" ] || set -- "$@" "-platforms=$platforms"
	[ -z "$buildx" ] || set -- "$@" -engine=buildx
	[ -z "$registry" ] || set -- "$@" "-registry=$registry"
	[ -z "$tag" ] || set -- "$@" "-tag=$tag"
	[ -z "$push" ] || set -- "$@" -push
	go tool mage images "$@"
fi
[ -n "$pip" ] || exit 0

# Two calls: what is audited is what is pushed, and a finding leaves every tag where it is.
registry=${registry:-${NOETL_REGISTRY:-}}
image=${registry:+$registry/}noetl-pip
archive=dist/images/noetl-pip.tar
mkdir -p dist/images
build() {
	SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)} docker buildx build --file docker/noetl/pip/Dockerfile \
		--platform "${platforms:-${NOETL_PLATFORMS:-linux/amd64,linux/arm64}}" --provenance=false \
		--build-arg "REVISION=$(git rev-parse HEAD)" "$@" .
}
ca=${NODE_EXTRA_CA_CERTS:-${SSL_CERT_FILE:-}}
set --
[ -z "$ca" ] || set -- --secret "id=ca,src=$ca"
# As `mage images` takes them: several are separated by semicolons.
old=$IFS
IFS=';'
for pair in ${NOETL_BUILD_ARG:-}; do
	set -- "$@" --build-arg "$pair"
done
IFS=$old
build "$@" --output "type=oci,dest=$archive"
go tool mage audit "-image=$archive"
[ -n "$push" ] || {
	echo "$archive"
	exit 0
}
tags=${tag:-${NOETL_TAG:-latest}}
IFS=,
for one in $tags; do
	set -- "$@" --tag "$image:$one"
done
IFS=$old
build "$@" --push
