//go:build mage

// One command builds the application for every platform: mage images
package main

import (
	"context"
	"time"

	"github.com/noetl/noetl/magefiles/targets"
)

// Aliases are the short names that people type most. There is no default
// target: mage alone lists them (mage 1.17 cannot compile a default with flags).
var Aliases = map[string]any{"setup": SetupLocalDev, "ui": BuildUI, "cli": CrossRust}

// What follows is generated from targets/targets.go.

// Doctor shows what the targets need: found, wanted, for what, and how to get here what is missing.
func Doctor(ctx context.Context,
	target *string, // only what this target needs
	registry *string, // ask this registry whether you may push, such as ghcr.io/YOU
	json *bool, // print JSON
) error {
	return targets.Doctor(ctx, target, registry, json)
}

// Bootstrap installs what doctor misses, printing each command before it runs.
func Bootstrap(ctx context.Context,
	dryRun *bool, // print the commands, run none
) error {
	return targets.Bootstrap(ctx, dryRun)
}

// SetupLocalDev makes this checkout run here: UI, native CLI in bin/, and .venv with the server.
func SetupLocalDev(ctx context.Context,
	ui *bool, // -ui=false leaves the web UI out: the server then serves its API alone
	explain *bool, // say why each step ran: which of its inputs changed
) error {
	return targets.SetupLocalDev(ctx, ui, explain)
}

// BuildUI builds the web UI into the Python package, whole or not at all.
func BuildUI(ctx context.Context,
	explain *bool, // say why each step ran: which of its inputs changed
) error {
	return targets.BuildUI(ctx, explain)
}

// CrossRust builds the CLI for each platform into dist/cli.
func CrossRust(ctx context.Context,
	platforms *string, // comma list, such as linux/amd64,windows/arm64 (default: all that the CLI is for)
	with *string, // toolchain: auto, cargo, zigbuild, cross or build-std (default auto)
	archive *bool, // pack each program with licence, README and completions, and write SHA256SUMS
	explain *bool, // say why each step ran: which of its inputs changed
) error {
	return targets.CrossRust(ctx, platforms, with, archive, explain)
}

// Wheels lays out the Python packages for each platform, and shows which wheel each one gets.
func Wheels(ctx context.Context,
	platforms *string, // comma list (default: those of the image)
	explain *bool, // say why each step ran: which of its inputs changed
) error {
	return targets.Wheels(ctx, platforms, explain)
}

// Images builds the multi-arch image without Docker, audits it and, with -push, publishes it.
func Images(ctx context.Context,
	platforms *string, // comma list (default: linux/amd64,linux/arm64)
	registry *string, // where to push, such as ghcr.io/YOU
	tag *string, // comma list of tags (default latest)
	base *string, // an image to build on, instead of Debian packages
	output *string, // folder for an OCI layout (default dist/images/NAME), or x.oci.tar, or x.docker.tar
	push *bool, // push to -registry when the audit has passed; of some platforms only, by digest unless -tag is given
	load *bool, // load the image of the container engine's architecture into it
	locked *bool, // refuse a Debian package other than the locked one
	explain *bool, // say why each step ran: which of its inputs changed
	attest *bool, // -attest=false leaves out the bills of materials and the provenance
	sign *bool, // sign with cosign what was pushed
	engine *string, // oci (default) or buildx, which builds the Dockerfile
	builder *string, // with buildx: the builder (default: buildx's current one)
	cacheFrom *string, // with buildx: where to read a build cache: gha, a folder, a reference, or as buildx writes it
	cacheTo *string, // with buildx: where to write one
	buildArg *string, // with buildx: NAME=value for an ARG; several with semicolons
	secret *string, // with buildx: id=NAME,src=FILE for a step that asks for it; several with semicolons
) error {
	return targets.Images(ctx, platforms, registry, tag, base, output, push, load, locked, explain, attest, sign, engine, builder, cacheFrom, cacheTo, buildArg, secret)
}

// Manifest shows what an image holds, platform by platform; checks all of it; copies one platform of it; or merges shards.
func Manifest(ctx context.Context,
	image *string, // reference, folder of an OCI layout, or archive
	platform *string, // only this one: alone with -tag or -output, it becomes an image without an index
	from *string, // comma list of shard files, folders of them, or references: merge them into one image
	platforms *string, // with -from: what the image has to hold (default: the project's)
	tag *string, // comma list of tags to publish under; with -output, the names in it
	registry *string, // where to publish (default: where the parts are)
	output *string, // copy to a folder, x.oci.tar or x.docker.tar
	verify *bool, // read every blob of -image and compare it with its digest; problems make it fail
	sign *bool, // sign what is published with cosign
	json *bool, // print JSON
) error {
	return targets.Manifest(ctx, image, platform, from, platforms, tag, registry, output, verify, sign, json)
}

// Audit looks inside an image, a wheel or a folder: does what is in it fit its platform, run, and belong there?
func Audit(ctx context.Context,
	image *string, // reference, OCI layout, archive of docker save, OCI archive, wheel or folder
	platform *string, // the only one of an image to look at; for a wheel or a folder: what it is meant for
	sarif *string, // write the findings to this file for GitHub's code scanning, too
	json *bool, // print JSON
) error {
	return targets.Audit(ctx, image, platform, sarif, json)
}

// Deploy puts an image on a Kubernetes cluster, pinned to its digest, and waits until it runs there, or goes back.
func Deploy(ctx context.Context,
	image *string, // reference; on a cluster of your own machine also a folder or an archive (default there: what images has built)
	context *string, // kubectl's name of the cluster (default: the only one there is)
	namespace *string, // where in it
	overlay *string, // which manifests (default: those for production, or for your own machine)
	timeout *time.Duration, // for the pods to run (default 5m)
	dryRun *bool, // show what would change, change nothing
	wait *bool, // -wait=false does not wait for the pods
	allowPartial *bool, // keep the pods to the nodes that can run the image, if not all can
	yes *bool, // go on, although the cluster is a protected one
) error {
	return targets.Deploy(ctx, image, context, namespace, overlay, timeout, dryRun, wait, allowPartial, yes)
}

// BaseLock resolves the base's Debian packages anew and writes their lock file.
func BaseLock(ctx context.Context) error {
	return targets.BaseLock(ctx)
}

// Test runs the unit tests of every language; they need no network.
func Test(ctx context.Context) error {
	return targets.Test(ctx)
}

// E2e installs and starts what it needs, builds everything for real, and runs the images.
func E2e(ctx context.Context,
	run *string, // only the tests whose name matches this regular expression
) error {
	return targets.E2e(ctx, run)
}

// Bench measures builds by this library and by others, scenario by scenario, and holds the ratios against what is promised.
func Bench(ctx context.Context,
	engines *string, // comma list of oci, buildx, emulated, oci-1, buildx-1, emulated-1, ko, mage, task (default: all)
	scenarios *string, // comma list of cold, nochange, python, ui, rust, dependency, base, three, files, large, list (default: all)
	runs *int, // of each (default 3); what an earlier call has measured of this commit on this machine is not measured again
	fresh *bool, // forget what was measured before
	builder *string, // of buildx (default: its current one)
	buildArg *string, // for the Dockerfiles: NAME=value; several with semicolons
	audit *bool, // measure the audit instead, against tar and sha256sum on the same bytes
	image *string, // with -audit: what to measure with (default: the image in dist)
) error {
	return targets.Bench(ctx, engines, scenarios, runs, fresh, builder, buildArg, audit, image)
}

// Lint checks form and import rules of every language.
func Lint(ctx context.Context) error {
	return targets.Lint(ctx)
}

// Clean removes what was built; tools and downloads stay.
func Clean(ctx context.Context) error {
	return targets.Clean(ctx)
}
