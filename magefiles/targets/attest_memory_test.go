package targets

import (
	"bytes"
	"testing"
	"time"

	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// TestBillRemembered: a bill is written once for the same image, and anew for each thing that it depends on.
func TestBillRemembered(t *testing.T) {
	t.Parallel()
	j, _, in, index := billed(t, nil)
	images, err := oci.Streams(index)
	if err != nil {
		t.Fatal(err)
	}
	first, err := j.writtenBill(t.Context(), images[0], in, everyLayer)
	if err != nil || first.Packages == 0 {
		t.Fatalf("%d packages, %v", first.Packages, err)
	}
	unread := images[0] // whoever reads a layer of it fails
	unread.Layers = nil
	again, err := j.writtenBill(t.Context(), unread, in, everyLayer)
	if err != nil || again.Packages != first.Packages || !bytes.Equal(again.Content, first.Content) {
		t.Errorf("%d packages the second time, %d the first; %v", again.Packages, first.Packages, err)
	}
	file := func() string {
		t.Helper()
		name, err := j.billFile(images[0], in, everyLayer)
		if err != nil {
			t.Fatal(err)
		}
		return name
	}
	before := map[string]string{file(): "nothing"}
	change := func(what string) {
		t.Helper()
		name := file()
		if was, ok := before[name]; ok {
			t.Errorf("%s is no input of the bill, since %s", what, was)
		}
		before[name] = what
	}
	platform := twoPlatforms(t)[0]
	in.source.revision += dirty
	change("the commit")
	in.source.created = time.Unix(2, 0)
	change("the time")
	in.tools = map[string]string{"rustc": "1.96.0"}
	change("a tool")
	in.crates[platform] = append(in.crates[platform], xbuild.Crate{Name: "log", Version: "1.0.0"})
	change("a crate")
	in.crates = nil
	change("that crates are not known")
	base := in.base[platform]
	base.packages = append(base.packages, base.packages[0])
	in.base[platform] = base
	change("a package of the base")
	in.image = &oci.Source{Name: "docker.io/library/debian:13", Digest: "sha256:b"}
	change("somebody else's base")
	images[0].Digest = "sha256:c"
	change("the image")
	for _, lock := range []string{j.CLI.Dir + "/Cargo.lock", j.UI.Dir + "/package-lock.json"} {
		if err := xbuild.WriteFile(j.path(lock), []byte("other"), 0o644); err != nil {
			t.Fatal(err)
		}
		change(lock)
	}
}
