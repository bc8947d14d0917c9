package targets

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/noetl/noetl/magefiles/attest"
	"github.com/noetl/noetl/magefiles/debian"
	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// billed is a job with the locks of a project, an image with a little of
// everything, and what its builds would have said.
func billed(t *testing.T, env map[string]string) (*job, order, inputs, oci.Index) {
	t.Helper()
	j, _, _ := testJob(t, env)
	for name, text := range map[string]string{
		"crates/Cargo.lock": "[[package]]\nname = \"noetlctl\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"libc\"\nversion = \"0.2.1\"\nsource = \"registry+r\"\nchecksum = \"" + strings.Repeat("c", 64) + "\"\n",
		"requirements.lock": "idna==3\n", "scripts/tools.txt": "uv==1\n", "docker/noetl/base.lock": "suites: trixie\n",
		"ui-src/package-lock.json": `{"packages":{"node_modules/react":{"version":"19.0.0","integrity":"sha512-AQI="},"node_modules/vite":{"version":"8.0.0"}}}`,
	} {
		if err := xbuild.WriteFile(j.path(name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s), Mode: 0o644} }
	layers := func() []*oci.Layer {
		return []*oci.Layer{
			{Name: "Debian trixie", To: "/", Tree: oci.FS(fstest.MapFS{
				"var/lib/dpkg/status":            text("Package: libc6\nStatus: install ok installed\nVersion: 2.41\nArchitecture: amd64\n"),
				"var/lib/dpkg/info/libc6.list":   text("/.\n/lib\n/lib/libc.so.6\n"),
				"usr/lib/libc.so.6":              text("libc"),
				"usr/lib/os-release":             text("ID=debian\nVERSION_CODENAME=trixie\n"),
				"etc/passwd":                     text("root:x:0:0::/:/bin/sh\n"),
				"usr/share/doc/libc6-real/files": text("not the copyright"),
			})},
			{Name: "python", To: j.Python.Site, Tree: oci.FS(fstest.MapFS{
				"idna/__init__.py": text("x"), "idna-3.dist-info/METADATA": text("Name: idna\nVersion: 3\nLicense: MIT\n\n"),
				"idna-3.dist-info/RECORD":        text("idna/__init__.py,,\nidna-3.dist-info/RECORD,,\n"),
				"noetl-0.1.0.dist-info/RECORD":   text("noetl/server.py,,\n"),
				"noetl/server.py":                text("x"),
				"noetl-0.1.0.dist-info/METADATA": text("Name: noetl\nVersion: 0.1.0\nRequires-Dist: idna>=1\n\n"),
			})},
			{Name: "cli", To: j.CLI.To, Tree: oci.FS(fstest.MapFS{j.CLI.Binary: text("machine code")})},
			{Name: "ui", To: j.UI.To, Tree: oci.FS(fstest.MapFS{"index.html": text("x"), "licenses.txt": text("## react - 19.0.0 (MIT)\n\nMIT\n")})},
		}
	}
	var plan oci.Plan
	for _, p := range twoPlatforms(t) {
		plan.Images = append(plan.Images, oci.Image{Platform: p.String(), Layers: layers(), Created: time.Unix(1, 0), FileTime: fileTime()})
	}
	index, err := oci.Builder{Cache: oci.Cache{Dir: t.TempDir()}}.Build(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	crates := []xbuild.Crate{
		{Name: "libc", Version: "0.2.1", License: "MIT", Source: "registry+r"},
		{Name: "noetlctl", Version: "0.1.0", DependsOn: []string{"libc 0.2.1"}},
	}
	in := inputs{
		source: source{revision: strings.Repeat("a", 40), created: time.Unix(1, 0)}, tools: map[string]string{"rustc": "1.95.0"},
		crates: map[xbuild.Platform][]xbuild.Crate{}, base: map[xbuild.Platform]baseTree{},
	}
	for i, p := range twoPlatforms(t) {
		in.crates[p] = crates
		in.base[p] = baseTree{packages: []debian.Package{{Name: "libc6", Version: "2.41", SHA256: strings.Repeat(string(rune('a'+i)), 64), Path: "pool/libc6_2.41_" + p.Arch + ".deb"}}}
	}
	return j, order{platforms: twoPlatforms(t), output: filepath.Join(j.root, "out", j.Image), attest: true}, in, index
}

// TestAttest: every file of the image belongs to one component, everything that
// is in the programs is named, and nothing of this machine gets in.
func TestAttest(t *testing.T) {
	t.Parallel()
	j, o, in, index := billed(t, nil)
	made, err := j.attest(t.Context(), o, in, index, everyLayer)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.filePapers(o, made); err != nil {
		t.Fatal(err)
	}
	if len(made) != 3 {
		t.Fatalf("%d documents", len(made))
	}
	var d attest.Document
	if err := json.Unmarshal(made[0].Content, &d); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range d.Packages {
		names = append(names, p.SPDXID[len("SPDXRef-"):])
	}
	want := []string{
		"Image", "cargo-libc-0.2.1", "deb-libc6-2.41", "files-Debian-trixie--other-files", "generic-rust-std-1.95.0",
		"npm-react-19.0.0", "own-noetl-0.1.0", "own-noetl-ui-0.1.0", "own-noetlctl-0.1.0", "pypi-idna-3",
	}
	if !slices.Equal(names, want) {
		t.Errorf("packages %q\nwant %q", names, want)
	}
	if len(d.Files) != 14 { // all 15 but libc.so.6, which is the Debian package's
		t.Errorf("%d files", len(d.Files))
	}
	for _, relation := range []attest.Relationship{
		{From: "SPDXRef-own-noetlctl-0.1.0", Type: "DEPENDS_ON", To: "SPDXRef-cargo-libc-0.2.1"},
		{From: "SPDXRef-own-noetlctl-0.1.0", Type: "CONTAINS", To: "SPDXRef-cargo-libc-0.2.1"},
		{From: "SPDXRef-own-noetl-0.1.0", Type: "DEPENDS_ON", To: "SPDXRef-pypi-idna-3"},
		{From: "SPDXRef-own-noetl-ui-0.1.0", Type: "CONTAINS", To: "SPDXRef-npm-react-19.0.0"},
		{From: "SPDXRef-Image", Type: "CONTAINS", To: "SPDXRef-deb-libc6-2.41"},
	} {
		if !slices.Contains(d.Relationships, relation) {
			t.Errorf("%+v is missing", relation)
		}
	}
	for _, a := range made {
		if bytes.Contains(a.Content, []byte(j.root)) {
			t.Errorf("%s names a folder of this machine", a.Title)
		}
		if there, err := os.ReadFile(j.paper(o, a)); err != nil || !bytes.Equal(there, a.Content) {
			t.Errorf("%s was not written: %v", a.Title, err)
		}
	}
	again, err := j.attest(t.Context(), o, in, index, everyLayer)
	for i := range again {
		if err != nil || !bytes.Equal(again[i].Content, made[i].Content) {
			t.Errorf("%s is not the same again: %v", made[i].Title, err)
		}
	}
	if list := j.documents(o, made); len(list) != 3 || list[2].File != "out/"+j.Image+".provenance.json" || list[2].Subject != made[2].Subject {
		t.Errorf("%+v", list)
	}
}

// TestAttestGoes: documents of an image that is no more would be wrong.
func TestAttestGoes(t *testing.T) {
	t.Parallel()
	j, o, in, index := billed(t, nil)
	for _, o.attest = range []bool{true, false} {
		made, err := j.attest(t.Context(), o, in, index, everyLayer)
		if err == nil {
			err = j.filePapers(o, made)
		}
		if written, _ := filepath.Glob(o.output + "*"); err != nil || len(written) != len(made) || (len(made) > 0) != o.attest {
			t.Errorf("%q were written, %v", written, err)
		}
	}
	if left, _ := filepath.Glob(o.output + "*"); len(left) != 0 {
		t.Errorf("left: %q", left)
	}
}

func TestProvenance(t *testing.T) {
	t.Parallel()
	j, o, in, index := billed(t, map[string]string{"GITHUB_WORKFLOW_REF": "o/r/.github/workflows/w.yml@refs/heads/main", "GITHUB_SERVER_URL": "https://git.example"})
	images, err := oci.Streams(index)
	if err != nil {
		t.Fatal(err)
	}
	in.source.revision += dirty
	s, err := j.state(o, in, "sha256:"+strings.Repeat("e", 64), images)
	if err != nil {
		t.Fatal(err)
	}
	if s.Predicate.RunDetails.Builder.ID != "https://git.example/o/r/.github/workflows/w.yml@refs/heads/main" {
		t.Error(s.Predicate.RunDetails.Builder.ID)
	}
	if len(s.Subject) != 3 || s.Subject[1].Digest["sha256"] != strings.TrimPrefix(images[0].Digest, "sha256:") {
		t.Errorf("subjects %+v", s.Subject)
	}
	dependencies := s.Predicate.BuildDefinition.ResolvedDependencies
	for _, want := range []string{"git+" + j.Source, "pkg:deb/debian/libc6@2.41?arch=amd64&distro=trixie", "pkg:generic/rustc@1.95.0"} {
		if !slices.ContainsFunc(dependencies, func(r attest.Resource) bool { return r.URI == want }) {
			t.Errorf("%s is missing: %+v", want, dependencies)
		}
	}
	i := slices.IndexFunc(dependencies, func(r attest.Resource) bool { return r.Name == "source" })
	if r := dependencies[i]; r.Digest["gitCommit"] != strings.Repeat("a", 40) || r.Annotations["dirty"] != "true" {
		t.Errorf("source %+v", r)
	}
	got := toolVersions(xbuild.UIResult{Tools: "node v24.1.0 npm 11.3.0"}, xbuild.RustResult{}, "uv 0.13.9 (x 2026)")
	if got["node"] != "24.1.0" || got["npm"] != "11.3.0" || got["uv"] != "0.13.9" || got["go"] == "" {
		t.Errorf("tools %v", got)
	}
}

// TestBillOfForeignBase: what lies under our layers is somebody else's image.
func TestBillOfForeignBase(t *testing.T) {
	t.Parallel()
	j, _, in, index := billed(t, nil)
	images, err := oci.Streams(index)
	if err != nil {
		t.Fatal(err)
	}
	in.base = nil
	in.image = &oci.Source{Name: "docker.io/library/Debian:13", Digest: "sha256:" + strings.Repeat("b", 64)}
	d, err := j.bill(t.Context(), images[0], in, 3)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(d.Packages, func(p attest.Package) bool { return strings.HasPrefix(p.SPDXID, "SPDXRef-oci-") })
	if i < 0 || !strings.HasPrefix(d.Packages[i].ExternalRefs[0].Locator, "pkg:oci/debian@sha256") || !strings.Contains(d.Packages[i].Comment, "not read") {
		t.Errorf("%+v", d.Packages)
	}
}

// TestPythonOfOthers: bases have what ours does not: distributions in two places,
// those that the system's packages brought, and folders that are none.
func TestPythonOfOthers(t *testing.T) {
	t.Parallel()
	c := &imageContent{files: map[string]attest.File{}, layer: map[string]string{}, texts: map[string]string{}, links: map[string]string{}}
	add := func(name, text string) {
		c.files[name], c.texts[name] = attest.File{Path: name}, text
	}
	add("var/lib/dpkg/status", "Package: python3-six\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n")
	add("var/lib/dpkg/info/python3-six.list", "/usr/lib/python3/dist-packages/six-1.dist-info/METADATA\n")
	add("usr/lib/python3/dist-packages/six-1.dist-info/METADATA", "Name: six\nVersion: 1\n\n")
	for _, site := range []string{"a", "b"} {
		add(site+"/idna-3.dist-info/METADATA", "Name: idna\nVersion: 3\n\n")
	}
	add("c/broken.dist-info/METADATA", "not a header\n")
	if got := c.debian(); len(got) != 1 {
		t.Errorf("debian: %+v", got)
	}
	if got := c.python("3.13"); len(got) != 1 || len(got[0].Files) != 2 {
		t.Errorf("python: %+v", got)
	}
	rest := billRest(c)
	if len(rest) != 1 || len(rest[0].Files) != 3 { // the status, the list, and what is broken
		t.Errorf("rest: %+v", rest)
	}
}
