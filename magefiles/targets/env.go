package targets

import (
	"fmt"
	"strings"
)

// A variable is one environment variable that the build reads. Those that
// begin with "*" carry the project's prefix.
type variable struct{ Name, Meaning string }

// variables is the whole list; the docs' table is made from it.
func variables() []variable {
	return []variable{
		{"*PLATFORMS", "as -platforms"},
		{"*REGISTRY", "as -registry"},
		{"*TAG", "as -tag"},
		{"*BASE", "as -base"},
		{"*SIGN", "true: as -sign, where something is pushed"},
		{"*RUST_WITH", "as -with"},
		{"*ENGINE, *BUILDER, *CACHE_FROM, *CACHE_TO, *BUILD_ARG", "as -engine, -builder, -cacheFrom, -cacheTo, -buildArg"},
		{"BUILDX_BUILDER, BUILDX_CONFIG", "as buildx itself reads them"},
		{"*DEBIAN_MIRROR", "base URLs of Debian mirrors, instead of this machine's apt sources"},
		{"*CACHE", "folder for downloads and layers that outlive dist/ (default: the user's cache folder)"},
		{"SOURCE_DATE_EPOCH", "seconds since 1970 for the image's creation time (default: the commit's time)"},
		{"CARGO", "the cargo to try first"},
		{"CARGO_HOME, CARGO_TARGET_DIR, RUSTC, RUSTFLAGS", "as cargo itself reads them"},
		{"HTTP_PROXY, HTTPS_PROXY, NO_PROXY", "as most tools read them"},
		{"DOCKER_CONFIG", "where registry credentials are, as Docker reads it"},
		{"GITHUB_TOKEN, GITHUB_ACTOR", "for ghcr.io, if Docker's configuration has no credentials for it; GitHub sets them in workflows"},
		{"NO_COLOR, TERM, CI", "plain output; with CI set a missing tool fails a test instead of skipping it"},
		{"GITHUB_WORKFLOW_REF, GITHUB_SERVER_URL", "who built, for the provenance"},
		{"LC_ALL, LC_CTYPE, LANG", "a locale other than UTF-8: signs of ASCII alone on a terminal"},
		{"GITHUB_ACTIONS", "true: logs fold into groups, and errors are annotations beside the sources"},
		{"GITHUB_STEP_SUMMARY", "file that gets the image table and the steps as Markdown"},
	}
}

// setting returns the flag, else the environment's value, else the fallback.
func (j *job) setting(flag, name, fallback string) string {
	if flag != "" {
		return flag
	}
	if v := j.env(j.EnvPrefix + name); v != "" {
		return v
	}
	return fallback
}

// list splits a comma list; empty items are refused, because they are typing
// errors and never meant.
func list(what, s string) ([]string, error) {
	items := strings.Split(s, ",")
	for i, item := range items {
		items[i] = strings.TrimSpace(item)
		if items[i] == "" {
			return nil, fmt.Errorf("reading %s %q: an item is empty: write it as a,b with nothing missing", what, s)
		}
	}
	return items, nil
}

// value is what a flag says, or the zero value when it was not given.
func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
