//go:build e2e

package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// bill is what these tests read of an SPDX document.
type bill struct {
	Packages []struct {
		SPDXID, Name string
		Version      string `json:"versionInfo"`
		Refs         []struct {
			Locator string `json:"referenceLocator"`
		} `json:"externalRefs"`
	}
	Files []struct {
		Name string `json:"fileName"`
	}
}

// listed are the packages of one kind as "name version", sorted; kind is what
// their package URLs begin with.
func (b bill) listed(kind string) []string {
	var out []string
	for _, p := range b.Packages {
		if len(p.Refs) > 0 && strings.HasPrefix(p.Refs[0].Locator, "pkg:"+kind+"/") {
			out = append(out, p.Name+" "+p.Version)
		}
	}
	slices.Sort(out)
	return out
}

// papers are the documents beside the layout, bills first, and the bills read.
func papers(t *testing.T) (files []string, bills map[string]bill) {
	t.Helper()
	c := images(t)
	bills = map[string]bill{}
	for _, p := range platforms() {
		file := "dist/images/" + product + "." + strings.ReplaceAll(p, "/", "-") + ".spdx.json"
		files = append(files, c.path(file))
		bills[p] = decode[bill](t, c.read(t, file))
	}
	return append(files, c.path("dist/images/"+product+".provenance.json")), bills
}

// TestPapersAreValid: the libraries of SPDX, in-toto and package URLs accept all
// documents, and refuse what is wrong with copies of them.
func TestPapersAreValid(t *testing.T) {
	files, _ := papers(t)
	needTools(t, "python3")
	venv, err := kept("attest-venv-1", func(dir string) error {
		if _, err := onHost("python3", "-m", "venv", dir); err != nil {
			return err
		}
		_, err := onHost(filepath.Join(dir, "bin", "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
			"spdx-tools==0.8.5", "in-toto-attestation==0.9.3", "packageurl-python==0.17.6")
		return err
	})
	need(t, err == nil, "Python's venv, and spdx-tools and in-toto-attestation from PyPI: %v", err)
	spoil := func(of int, name, from, to string) string {
		content, err := os.ReadFile(files[of])
		if err != nil || !strings.Contains(string(content), from) {
			t.Fatalf("%s has no %q: %v", files[of], from, err)
		}
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, []byte(strings.Replace(string(content), from, to, 1)), 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	wrong := []string{
		spoil(0, "license.spdx.json", `"licenseDeclared": "MIT`, `"licenseDeclared": "MIT AND Nonsense-1.0`),
		spoil(0, "arrow.spdx.json", `"relatedSpdxElement": "SPDXRef-File-`, `"relatedSpdxElement": "SPDXRef-Fi1e-`),
		spoil(0, "purl.spdx.json", `pkg:deb/debian/base-files@13`, `pkg:deb/debian/base+files@13`),
		spoil(2, "field.provenance.json", `"buildType"`, `"buildKind"`),
		spoil(2, "digest.provenance.json", `"_type": "https://in-toto.io/Statement/v1"`, `"_type": "https://in-toto.io/Statement/v0.1"`),
	}
	script, err := filepath.Abs("testdata/attest/validate.py")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(filepath.Join(venv, "bin", "python"), append([]string{script}, append(files, wrong...)...)...).Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != len(files)+len(wrong) {
		t.Fatalf("%d verdicts of %d documents:\n%s", len(lines), len(files)+len(wrong), out)
	}
	for i, line := range lines {
		verdict := decode[struct {
			File, Kind      string
			Packages, Files int
			Errors          []string
		}](t, line)
		if valid := len(verdict.Errors) == 0; valid != (i < len(files)) || i < len(files) && verdict.Packages < 50 {
			t.Errorf("%s: %.2000s", verdict.File, line)
		}
		t.Logf("%s: %d packages or dependencies, %d files, errors %.200q", filepath.Base(verdict.File), verdict.Packages, verdict.Files, verdict.Errors)
	}
}

// TestPapersAgain: the same commit has the same documents, wherever they are
// written, and they say nothing of this machine.
func TestPapersAgain(t *testing.T) {
	c := images(t)
	files, _ := papers(t)
	out := filepath.Join(t.TempDir(), "again")
	c.must(t, "images", "-output="+out)
	for _, file := range files {
		before, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		after, err := os.ReadFile(out + strings.TrimPrefix(filepath.Base(file), product))
		if err != nil || string(before) != string(after) {
			t.Errorf("%s is another one when it is written elsewhere: %v", filepath.Base(file), err)
		}
		for _, word := range []string{c.dir, world.temp, world.repo, "/root/", "/home/runner"} {
			if strings.Contains(string(before), word) {
				t.Errorf("%s names %s", filepath.Base(file), word)
			}
		}
	}
	listed := decode[struct {
		Documents []struct{ File, Digest string }
	}](t, c.read(t, "dist/images/"+product+".json")).Documents
	if len(listed) != len(files) {
		t.Errorf("the result file lists %v", listed)
	}
	c.must(t, "images", "-attest=false", "-output="+out)
	if left, _ := filepath.Glob(out + ".*spdx.json"); len(left) != 0 {
		t.Errorf("without an order for them there are %q", left)
	}
}

// TestPapersInTheRegistry: a registry without the referrers API lists the
// documents under the tag that stands in for it, byte by byte those of the build,
// and the image's index has nothing but images.
func TestPapersInTheRegistry(t *testing.T) {
	repository := push(t)
	needTools(t, "curl")
	address, name, _ := strings.Cut(repository, "/")
	read := func(path string) string {
		t.Helper()
		// Without an Accept header this registry denies that it has indexes.
		out, err := onHost("curl", "--silent", "--fail", "--header", "Accept: "+string(types.OCIImageIndex), "--header",
			"Accept: "+string(types.OCIManifestSchema1), "--header", "Accept: */*", "http://"+address+"/v2/"+name+"/"+path)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	text, err := os.ReadFile(filepath.Join(world.temp, "pushed.json"))
	if err != nil {
		t.Fatal(err)
	}
	documents := decode[struct {
		Documents []struct{ File, Type, Subject, Digest string }
	}](t, string(text)).Documents
	if len(documents) != len(platforms())+1 {
		t.Fatalf("documents: %+v", documents)
	}
	for _, d := range documents {
		list := decode[v1.IndexManifest](t, read("manifests/"+strings.Replace(d.Subject, ":", "-", 1)))
		i := slices.IndexFunc(list.Manifests, func(m v1.Descriptor) bool { return m.ArtifactType == d.Type })
		if i < 0 {
			t.Errorf("%s is not listed: %+v", d.File, list.Manifests)
			continue
		}
		m := decode[v1.Manifest](t, read("manifests/"+list.Manifests[i].Digest.String()))
		if m.Subject == nil || m.Subject.Digest.String() != d.Subject || m.Layers[0].Digest.String() != d.Digest {
			t.Errorf("%s: %+v", d.File, m)
			continue
		}
		if !json.Valid([]byte(read("blobs/" + d.Digest))) {
			t.Errorf("%s is no JSON in the registry", d.File)
		}
	}
	index := decode[v1.IndexManifest](t, read("manifests/latest"))
	for _, m := range index.Manifests {
		if !slices.Contains(platforms(), m.Platform.String()) {
			t.Errorf("the index has an entry for %s", m.Platform)
		}
	}
}

// TestSign: what is signed is the digest, with cosign, after it was pushed;
// without cosign nothing begins.
func TestSign(t *testing.T) {
	c := images(t)
	address := registry(t)
	args := []string{"images", "-push", "-sign", "-registry=" + address + "/signed", "-tag=1.2.3", "-output=" + filepath.Join(t.TempDir(), "layout")}
	if _, err := exec.LookPath("cosign"); err != nil {
		c.refused(t, []string{"cosign is not installed", "https://docs.sigstore.dev"}, args...)
		if got := tags(t, "signed/"+product); len(got) != 0 {
			t.Errorf("pushed before the refusal: %q", got)
		}
	}
	bin := t.TempDir()
	script := "#!/bin/sh\nprintf '%s\\n' \"$*\" >>'" + filepath.Join(bin, "calls") + "'\n"
	if err := os.WriteFile(filepath.Join(bin, "cosign"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	c.with("PATH="+bin+":"+os.Getenv("PATH")).must(t, args...)
	calls, err := os.ReadFile(filepath.Join(bin, "calls"))
	want := "sign --yes " + address + "/signed/" + product + "@" + c.result(t).Digest + "\n"
	if err != nil || string(calls) != want {
		t.Errorf("cosign was called with %q, %v; want %q", calls, err, want)
	}
}
