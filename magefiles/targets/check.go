package targets

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// wrongs collects what is wrong with project.go: all at once, since somebody
// who writes it for the first time makes several mistakes.
type wrongs []error

func (w *wrongs) add(field, format string, args ...any) {
	*w = append(*w, fmt.Errorf("%s: %w", field, fmt.Errorf(format, args...)))
}

func (w wrongs) err() error {
	if len(w) == 0 {
		return nil
	}
	return fmt.Errorf("reading project.go: %w", errors.Join(w...))
}

func (w *wrongs) match(field, value, pattern, like string) {
	switch {
	case value == "":
		w.add(field, "it is empty: write something like %q", like)
	case !regexp.MustCompile(`^(` + pattern + `)$`).MatchString(value):
		w.add(field, "%q is none: write something like %q", value, like)
	}
}

// local wants a path within the project, with slashes.
func (w *wrongs) local(field, value, like string) {
	switch {
	case value == "":
		w.add(field, "it is empty: name a path in the project, such as %q", like)
	case !fs.ValidPath(value) || strings.Contains(value, `\`):
		w.add(field, "%q is no path in the project: write it from the project's folder, with slashes and without ./ or .., such as %q", value, like)
	}
}

// inImage wants a folder of the image.
func (w *wrongs) inImage(field, value, like string) {
	if !path.IsAbs(value) || path.Clean(value) != value || value == "/" {
		w.add(field, "%q is no folder of the image: write it from the root, such as %q", value, like)
	}
}

func (w *wrongs) platforms(field string, list []string, image bool) {
	platforms, err := xbuild.ParsePlatforms(strings.Join(list, ","))
	if err != nil {
		w.add(field, "%w", err)
	}
	for _, p := range platforms {
		if image && p.OS != "linux" {
			w.add(field, "images are for Linux, not for %s", p)
		}
	}
}

func (w *wrongs) pairs(field string, list []string) {
	for _, item := range list {
		if name, _, ok := strings.Cut(item, "="); !ok || name == "" {
			w.add(field, "%q is no NAME=value", item)
		}
	}
}

// valid looks at what project.go says, without looking at any file.
func (p project) valid() error {
	w := &wrongs{}
	w.match("Name", p.Name, `[a-z0-9][a-z0-9._-]*`, "shop")
	w.match("Title", p.Title, `.+`, "The Shop")
	if _, err := oci.Reference("", p.Image, "latest"); err != nil || strings.ContainsAny(p.Image, "/:@") {
		w.add("Image", `%q is no name of an image: write it in lower case, without registry and tag, such as "shop-server"`, p.Image)
	}
	w.match("Version", p.Version, `[0-9][0-9A-Za-z.+-]*`, "1.4.0")
	w.match("Source", p.Source, `https?://\S+`, "https://github.com/you/shop")
	w.match("Licence", p.Licence, `\S.*`, "MIT")
	w.match("EnvPrefix", p.EnvPrefix, `[A-Z][A-Z0-9_]*_`, "SHOP_")
	w.platforms("Platforms", p.Platforms, true)
	w.local("Tools", p.Tools, "scripts/tools.txt")
	p.checkUI(w)
	p.checkCLI(w)
	p.checkPython(w)
	p.checkImage(w)
	p.checkDeploy(w)
	w.pairs("Docker.Args", p.Docker.Args)
	if p.Docker.File != "" {
		w.local("Docker.File", p.Docker.File, "docker/Dockerfile")
	}
	return w.err()
}

func (p project) checkUI(w *wrongs) {
	if !p.hasUI() {
		return
	}
	w.local("UI.Dir", p.UI.Dir, "web")
	w.local("UI.Out", p.UI.Out, "web-built")
	w.inImage("UI.To", p.UI.To, "/opt/shop/pages")
	if p.UI.Out == p.UI.Dir || strings.HasPrefix(p.UI.Dir, p.UI.Out+"/") || p.UI.Out == "." {
		w.add("UI.Out", "%q is replaced whole by each build, and the sources are in it: name another folder", p.UI.Out)
	}
}

func (p project) checkCLI(w *wrongs) {
	c := p.CLI
	w.local("CLI.Dir", c.Dir, "crates")
	w.match("CLI.Package", c.Package, `[A-Za-z][A-Za-z0-9_-]*`, "shop-cli")
	w.match("CLI.Binary", c.Binary, `[A-Za-z0-9][A-Za-z0-9_.-]*`, "shop")
	w.local("CLI.Crate", c.crate(), "crates/shop-cli")
	w.platforms("CLI.Platforms", c.Platforms, false)
	w.match("CLI.Glibc", c.Glibc, `\d+\.\d+`, "2.28")
	w.match("CLI.MacOS", c.MacOS, `\d+\.\d+`, "11.0")
	if len(c.Into) == 0 {
		w.add("CLI.Into", "it is empty: name the folder that gets the program of this machine, such as %q", "bin")
	}
	for _, dir := range slices.Concat(c.Into, c.Archive) {
		w.local("CLI.Into and CLI.Archive", dir, "bin")
	}
	w.inImage("CLI.To", c.To, "/usr/local/bin")
}

func (p project) checkPython(w *wrongs) {
	y := p.Python
	w.local("Python.Project", y.Project, "server")
	w.match("Python.Package", y.Package, `[A-Za-z0-9][A-Za-z0-9._-]*`, "shop-server")
	w.local("Python.Lock", y.Lock, "requirements.lock")
	if (y.DevLock == "") != (y.Tests == "") {
		w.add("Python.DevLock", "it is %q, and Tests is %q: both are there, or neither", y.DevLock, y.Tests)
	}
	w.match("Python.Version", y.Version, `3\.\d+`, "3.13")
	w.match("Python.Minimum", y.Minimum, `3\.\d+`, "3.11")
	w.inImage("Python.Site", y.Site, "/opt/shop/lib")
}

func (p project) checkImage(w *wrongs) {
	w.match("Base.Suite", p.Base.Suite, `[a-z]+`, "trixie")
	if len(p.Base.Packages) == 0 {
		w.add("Base.Packages", `it is empty: an image needs at least "base-files", "base-passwd", "ca-certificates" and a Python, such as "python3.13"`)
	}
	w.local("Base.Lock", p.Base.Lock, "base.lock")
	w.match("Base.Mirror", p.Base.Mirror, `https?://\S+`, "http://ftp.de.debian.org/debian")
	w.match("Base.Security", p.Base.Security, `https?://\S+`, "http://security.debian.org/debian-security")
	r := p.Run
	if len(r.Entrypoint) == 0 {
		w.add("Run.Entrypoint", "it is empty: name the program that the image starts, such as %q", p.CLI.Binary)
	}
	w.match("Run.User", r.User, `[a-z_][a-z0-9_-]*`, "shop")
	if r.UID < 1 || r.UID > 65533 {
		w.add("Run.UID", "%d is no number of an ordinary user: write something like 10001", r.UID)
	}
	w.inImage("Run.Home", r.Home, "/home/shop")
	if r.Port != "" {
		w.match("Run.Port", r.Port, `\d{1,5}/(tcp|udp)`, "8080/tcp")
	}
	w.pairs("Run.Env", r.Env)
}

func (p project) checkDeploy(w *wrongs) {
	d := p.Deploy
	if d.Manifests == "" {
		return
	}
	w.local("Deploy.Manifests", d.Manifests, "k8s")
	const name = `[a-z0-9]([a-z0-9-]*[a-z0-9])?`
	w.match("Deploy.Overlay", d.Overlay, `[^/\\]+`, "production")
	w.match("Deploy.Local", d.Local, `[^/\\]+`, "local")
	w.match("Deploy.Namespace", d.Namespace, name, "shop")
	w.match("Deploy.Name", d.Name, name, "shop")
	w.match("Deploy.Label", d.Label[0], `\S+`, "app.kubernetes.io/name")
	w.match("Deploy.Label", d.Label[1], `\S+`, "shop")
	if d.ServicePort < 1 || d.ServicePort > 65535 {
		w.add("Deploy.ServicePort", "%d is no port: write something like 80", d.ServicePort)
	}
}

// built is a target that makes something of this checkout: the files that
// project.go names have to be there. Others, such as baseLock, make some of them.
func built(f func(context.Context, *job) error) func(context.Context, *job) error {
	return func(ctx context.Context, j *job) error {
		if err := j.checkFiles(); err != nil {
			return err
		}
		if debug.SetMemoryLimit(-1) == math.MaxInt64 { // no GOMEMLIMIT
			debug.SetMemoryLimit(buildMemory)
		}
		return f(ctx, j)
	}
}

// buildMemory is from where on the collector of garbage works harder, in bytes: Go lets garbage grow to the size of what lives,
// and what is left over of files that were read is no reason to take memory from the compiler beside us.
const buildMemory = 120 << 20

// checkFiles looks for the files without which nothing can be built.
func (j *job) checkFiles() error {
	w := &wrongs{}
	want := func(field, file, cure string) {
		if !exists(j.path(file)) {
			w.add(field, "there is no %q in %s: %s", file, j.root, cure)
		}
	}
	if j.hasUI() {
		want("UI.Dir", path.Join(j.UI.Dir, "package.json"), "name the folder of the web UI, or leave UI out")
		want("UI.Dir", path.Join(j.UI.Dir, "package-lock.json"), "npm install --package-lock-only writes it; commit it")
	}
	want("CLI.Dir", path.Join(j.CLI.Dir, "Cargo.lock"), "cargo generate-lockfile writes it; commit it")
	want("CLI.Package", path.Join(j.CLI.crate(), "Cargo.toml"), "name the folder in CLI.Crate, if it is called otherwise than the package")
	want("Python.Project", path.Join(j.Python.Project, "pyproject.toml"), "name the folder of the Python project")
	want("Python.Lock", j.Python.Lock, "uv pip compile --universal --generate-hashes writes it; commit it")
	want("Tools", j.Tools, "copy scripts/tools.txt of the build library")
	return w.err()
}
