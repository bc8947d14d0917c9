package targets

import (
	"io"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// TestMeasure: a command's memory is known on Linux, and its failure is one.
func TestMeasure(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the test uses sh")
	}
	j, _, _ := testJob(t, nil)
	j.run = xbuild.Exec([]string{"PATH=/usr/bin:/bin"})
	m, err := j.measure(t.Context(), "sleep", "0.05")
	if err != nil || m.took <= 0 || m.peak < 64<<10 || m.peak > 64<<20 {
		t.Errorf("took %s and %d bytes (%v)", m.took, m.peak, err)
	}
	if _, err := j.measure(t.Context(), "false"); err == nil {
		t.Error("a failure is none")
	}
	if err := j.bench(t.Context(), benchFlags{engines: "everything"}); err == nil || !strings.Contains(err.Error(), "everything") {
		t.Errorf("an unknown engine: %v", err)
	}
	if err := j.bench(t.Context(), benchFlags{audit: true}); err == nil || !strings.Contains(err.Error(), "mage images") {
		t.Errorf("no image: %v", err)
	}
}

// TestUnpackLayers: what is audited from the file is what the image has.
func TestUnpackLayers(t *testing.T) {
	t.Parallel()
	index := auditFixture(t, arm64)
	images, size, err := unpackLayers(index, filepath.Join(t.TempDir(), "all.tar"))
	if err != nil {
		t.Fatal(err)
	}
	original, err := oci.Streams(index)
	if err != nil {
		t.Fatal(err)
	}
	var sum int64
	for i := range images {
		for k := range images[i].Layers {
			got, want := readLayer(t, images[i].Layers[k]), readLayer(t, original[i].Layers[k])
			if got != want {
				t.Errorf("layer %d of %s has %d bytes that differ from the %d of the image", k, images[i].Platform, len(got), len(want))
			}
			sum += int64(len(got))
		}
	}
	if sum != size || size == 0 {
		t.Errorf("%d bytes in all, want %d", size, sum)
	}
	if m, err := auditUnpacked(t.Context(), images); err != nil || m.took <= 0 {
		t.Errorf("the audit of them: %v", err)
	}
}

func readLayer(t *testing.T, l oci.LayerStream) string {
	t.Helper()
	r, err := l.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestThirdPlatform: there is one as soon as every tool knows one, and until then the reason is named.
func TestThirdPlatform(t *testing.T) {
	t.Parallel()
	j, _, _ := testJob(t, nil)
	b := &benchmark{job: j}
	if _, err := b.thirdPlatform(); err == nil || !strings.Contains(err.Error(), "linux/arm/v7") || !strings.Contains(err.Error(), "uv") {
		t.Errorf("it says %v", err)
	}
	j.Platforms = []string{"linux/amd64"}
	if p, err := b.thirdPlatform(); err != nil || p.String() != "linux/arm64" {
		t.Errorf("got %s (%v)", p, err)
	}
}
