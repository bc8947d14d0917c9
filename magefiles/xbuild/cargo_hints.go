package xbuild

import (
	"fmt"
	"slices"
)

// RustHint is the cure for a failure that is recognised in the standard error
// of cargo, rustup or a compiled program, in one line; "" if it is not.
func RustHint(stderr string) string { return firstCure(rustFailures(), stderr) }

// rustFailures are tried in order: causes before what they cause.
func rustFailures() []failure {
	return slices.Concat(
		starved("cargo clean frees the most, or set CARGO_TARGET_DIR to a folder on another disk"),
		toolchainFailures(),
		lockFailures(),
		rustNetworkFailures(),
		libraryFailures(),
		appleFailures(),
		windowsFailures(),
		glibcFailures(),
		linkerFailures(),
		[]failure{
			known(`Permission denied \(os error 13\)|Read-only file system \(os error 30\)`,
				"cargo may not write there: check who owns the target folder and $CARGO_HOME (a build as root leaves files that only root can change: sudo chown -R $USER FOLDER)"),
			knownBy("error: could not compile `([^`]+)`", func(g []string) string {
				return fmt.Sprintf("the crate %s does not compile; the errors are above, all of them in the log", g[1])
			}),
		},
	)
}
