package xbuild

import (
	"cmp"
	"fmt"
	"strings"
)

// NewBuilder is the line that makes a builder that can do what docker's own
// cannot: several platforms, and images that come back as files.
const NewBuilder = "docker buildx create --driver docker-container --use"

// buildxHint is the cure for a failure of docker buildx: of BuildKit itself, or
// of what a step of the Dockerfile ran.
func buildxHint(output string) string {
	if cure := firstCure(append([]failure{
		known(`(?i)no space left on device|ENOSPC`,
			"the builder's disk is full: docker buildx du shows by what, docker buildx prune frees what builds can make again (--builder NAME for another one)"),
	}, builderFailures()...), output); cure != "" {
		return cure
	}
	_, log := failedStep(output)
	return cmp.Or(firstCure(sourceFailures(), output), stepHint(strings.Join(log, "\n")), engineHint(output))
}

// builderFailures are those of the builder, whatever it is to build.
func builderFailures() []failure {
	return []failure{
		known(`no builder "[^"]*" found`, "docker buildx ls lists the builders; a new one: "+NewBuilder),
		known(`OCI exporter is not supported for the docker driver|Multi-platform build is not supported for the docker driver|multiple platforms feature is currently not supported for docker driver|Cache export is not supported for the docker driver`,
			"docker's own builder cannot build images for several platforms, or hand them out: "+NewBuilder),
		known(`(?:oci|tar) for multi-node builds currently not supported`,
			"the builder has several machines, which cannot write one file together: build one platform at a time, or push"),
		known(`error reading from server: EOF|rpc error: code = Unavailable|connection reset by peer|closing transport due to|failed to receive status`,
			"the builder went away while it built: look why its buildkitd ended (memory? its log?), start it again, and run the same again: what was built is kept"),
		known(`waiting for connection(?s:.*)context deadline exceeded|failed to (?:list workers|get status)|could not connect to .* after`,
			"no buildkitd answers where the builder should be: is it running there, and may you use its socket? docker buildx inspect NAME shows where that is"),
		known(`unknown flag: --(?:annotation|provenance|sbom|output|attest)`, "this buildx is too old: 0.12 or newer is needed, https://github.com/docker/buildx#installing"),
		known(`exec format error|exec user process caused.*exec format`,
			"a RUN step has to run a program of an architecture that the builder's machine cannot: install the emulator there (docker run --privileged --rm tonistiigi/binfmt --install all), add a machine of that architecture to the builder, or do the step on $BUILDPLATFORM"),
	}
}

// sourceFailures are those of what the build is made of.
func sourceFailures() []failure {
	return []failure{
		known(`exporting cache(?s:.*)(?:401 Unauthorized|403 Forbidden|insufficient_scope|authorization failed|denied:)`,
			"the registry does not let you write the cache: docker login HOST, or another place for -cacheTo"),
		knownBy(`failed to resolve source metadata for (\S+?)(?:\.|:)? (?s:.*)(?:401 Unauthorized|403 Forbidden|insufficient_scope|authorization failed|pull access denied)`, func(g []string) string {
			return fmt.Sprintf("the registry does not give out %s: docker login %s, if it exists; the builder uses the credentials of this machine", strings.TrimSuffix(g[1], ":"), hostOf(g[1]))
		}),
		known(`429 Too Many Requests|toomanyrequests`,
			"the registry limits how much may be pulled: docker login raises the limit of Docker Hub; or build on bases from a mirror (-buildArg)"),
		known(`certificate signed by unknown authority|failed to verify certificate`,
			"the builder does not trust the registry's certificate: give it the CA in its buildkitd.toml ([registry.\"HOST\"] ca=[\"FILE\"]; docker buildx create --buildkitd-config FILE)"),
		knownBy(`failed to resolve source metadata for (\S+): (?s:.*)(?:no such host|connection refused|i/o timeout|network is unreachable|TLS handshake timeout|connection timed out)`, func(g []string) string {
			return fmt.Sprintf("the builder did not reach the registry of the base %s: check its network and proxy, or name a base that is nearer (-buildArg, see the ARGs at the top of the Dockerfile)", g[1])
		}),
		knownBy(`failed to resolve source metadata for (\S+): \S+: not found`, func(g []string) string {
			return fmt.Sprintf("there is no image %s: check its name and tag", g[1])
		}),
		knownBy(`no match for platform in manifest|does not match the specified platform|no matching manifest for (\S+)`, func([]string) string {
			return "a base image does not exist for one of the platforms: take another base (-buildArg), or leave the platform out"
		}),
		knownBy(`> \[[^\]\n]*\] (?:COPY|ADD) [^\n]*--from=(\S+)(?s:.*)failed to calculate checksum of ref \S+: "([^"]+)": not found`, func(g []string) string {
			return fmt.Sprintf("%s is not in %s, which it is copied from: does that stage make it, for this platform, too?", g[2], g[1])
		}),
		knownBy(`failed to calculate checksum of ref \S+: "/?([^"]+)": not found`, func(g []string) string {
			return fmt.Sprintf("%s is not in the build context: is it there, and not left out by .dockerignore?", g[1])
		}),
		known(`failed to read dockerfile: open`, "there is no such Dockerfile in this folder: project.go says which"),
		known(`target stage "[^"]*" could not be found`, "the Dockerfile has no stage of that name: project.go says which"),
	}
}

// stepHint is the cure for what a RUN step's own program says.
func stepHint(log string) string {
	if log == "" {
		return ""
	}
	trust := firstCure([]failure{untrusted("set SSL_CERT_FILE or NODE_EXTRA_CA_CERTS to it here: it is handed to the steps as a build secret")}, log)
	return cmp.Or(trust, RustHint(log), npmHint(log), uvHint(log))
}

// hostOf is the registry's part of a reference.
func hostOf(ref string) string {
	host, _, ok := strings.Cut(ref, "/")
	if !ok || !strings.ContainsAny(host, ".:") && host != "localhost" {
		return "docker.io"
	}
	return host
}
