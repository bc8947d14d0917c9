//go:build e2e

package e2e

import (
	"archive/tar"
	"errors"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
)

// TestBillIsWhatIsThere: Debian's own tool, cargo, the wheels in the image and a
// source map of the bundle name the same packages.
func TestBillIsWhatIsThere(t *testing.T) {
	c := images(t)
	_, bills := papers(t)
	needTools(t, "cargo", "dpkg-query", "npm")
	npm := bundled(t, c)
	for _, p := range platforms() {
		b := bills[p]
		root := unpacked(t, c, p)
		triple := map[string]string{"linux/amd64": "x86_64-unknown-linux-gnu", "linux/arm64": "aarch64-unknown-linux-gnu"}[p]
		for kind, want := range map[string][]string{
			"cargo":      crates(t, c, triple),
			"npm":        npm,
			"deb/debian": lines(t, "dpkg-query", "--admindir="+filepath.Join(root, "var/lib/dpkg"), "-W", "-f", "${Package} ${Version}\n"),
			"pypi":       distributions(t, root),
		} {
			if got := b.listed(kind); !slices.Equal(got, want) || len(want) == 0 {
				t.Errorf("%s, %s: listed are\n%q\nthere are\n%q", p, kind, got, want)
			} else {
				t.Logf("%s, %s: %d, as it is", p, kind, len(got))
			}
		}
		everyFile(t, b, root)
	}
}

// everyFile: what no Debian package has is in the bill, and nothing else.
func everyFile(t *testing.T, b bill, root string) {
	t.Helper()
	owned := map[string]bool{}
	for _, name := range lines(t, "sh", "-c", `cat "$1"/var/lib/dpkg/info/*.list`, "sh", root) {
		owned[strings.TrimPrefix(name, "/")] = true
	}
	var want, got []string
	err := filepath.WalkDir(root, func(name string, d os.DirEntry, err error) error {
		rel, _ := filepath.Rel(root, name)
		if err == nil && d.Type().IsRegular() && !owned[rel] {
			want = append(want, "./"+rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range b.Files {
		got = append(got, f.Name)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("%d files are listed, and %d are there that no package of Debian has", len(got), len(want))
	}
}

// lines are what a program prints, sorted.
func lines(t *testing.T, name string, args ...string) []string {
	t.Helper()
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	all := strings.Split(strings.TrimSpace(string(out)), "\n")
	slices.Sort(all)
	return slices.Compact(all)
}

// crates are what cargo says that the CLI links, without the CLI itself.
func crates(t *testing.T, c checkout, triple string) []string {
	t.Helper()
	var out []string
	for _, line := range lines(t, "cargo", "tree", "--locked", "--quiet", "--manifest-path", c.path("crates/noetlctl/Cargo.toml"),
		"--target", triple, "--edges", "normal,no-proc-macro", "--prefix", "none", "--no-dedupe", "--format", "{p}") {
		if m := regexp.MustCompile(`^(\S+) v(\S+)$`).FindStringSubmatch(line); m != nil {
			out = append(out, m[1]+" "+m[2])
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// distributions are the packages of PyPI in the image, by the names of their
// folders.
func distributions(t *testing.T, root string) []string {
	t.Helper()
	infos, err := filepath.Glob(filepath.Join(root, "opt/noetl/lib/python3.13/site-packages/*.dist-info/METADATA"))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, info := range infos {
		text, err := os.ReadFile(info)
		if err != nil {
			t.Fatal(err)
		}
		field := func(name string) string {
			return regexp.MustCompile(`(?m)^` + name + `: (\S+)`).FindStringSubmatch(string(text))[1]
		}
		if name := field("Name"); name != "noetl" { // ours is not from there
			out = append(out, name+" "+field("Version"))
		}
	}
	slices.Sort(out)
	return out
}

// bundled are the packages that a source map of the bundle names.
func bundled(t *testing.T, c checkout) []string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "ui")
	build := exec.Command("npm", "run", "build", "--", "--outDir", dir, "--emptyOutDir", "--sourcemap")
	build.Dir = c.path("ui-src")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	maps, _ := filepath.Glob(filepath.Join(dir, "assets", "*.map"))
	var out []string
	for _, file := range maps {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, source := range decode[struct{ Sources []string }](t, string(text)).Sources {
			if m := regexp.MustCompile(`node_modules/((?:@[^/]+/)?[^/]+)/`).FindStringSubmatch(source); m != nil {
				about := decode[struct{ Version string }](t, c.read(t, "ui-src/node_modules/"+m[1]+"/package.json"))
				out = append(out, m[1]+" "+about.Version)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// unpacked is the image of a platform as a folder.
func unpacked(t *testing.T, c checkout, platform string) string {
	t.Helper()
	from, err := layout.FromPath(c.path("dist/images/" + product))
	if err != nil {
		t.Fatal(err)
	}
	top, err := from.ImageIndex()
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := top.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	index, err := top.ImageIndex(manifest.Manifests[0].Digest)
	if err != nil {
		t.Fatal(err)
	}
	if manifest, err = index.IndexManifest(); err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(manifest.Manifests, func(d v1.Descriptor) bool { return d.Platform.String() == platform })
	image, err := index.Image(manifest.Manifests[i].Digest)
	if err != nil {
		t.Fatal(err)
	}
	layers, err := image.Layers()
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	for _, l := range layers {
		stream, err := l.Uncompressed()
		if err != nil {
			t.Fatal(err)
		}
		for archive := tar.NewReader(stream); ; {
			h, err := archive.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if h.Typeflag != tar.TypeReg && h.Typeflag != tar.TypeLink { // folders follow; links would lead out
				continue
			}
			to := filepath.Join(root, filepath.FromSlash(path.Clean("/"+h.Name)))
			if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
				t.Fatal(err)
			}
			f, err := os.Create(to)
			if err == nil {
				_, err = io.Copy(f, archive)
				err = errors.Join(err, f.Close())
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		_ = stream.Close()
	}
	return root
}
