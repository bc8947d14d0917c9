package oci

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

func TestDescribeSource(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	index := build(t, about(twoPlatforms(), "abc"))
	tag := r.host + "/app:1"
	papers := []Artifact{{Subject: digest(t, index), Type: "application/vnd.in-toto+json", Title: "p", Content: []byte("{}")}}
	if _, err := Publish(t.Context(), Publication{Index: index, Tags: []string{tag}, Artifacts: papers}, quick()); err != nil {
		t.Fatal(err)
	}
	d, err := openBase(t, tag).Describe(t.Context(), quick())
	if err != nil || len(d.Referrers) != 1 || d.Referrers[0].Type != "application/vnd.in-toto+json" || !strings.HasSuffix(d.MediaType, "index.v1+json") {
		t.Errorf("%+v, %v", d, err)
	}
	image := d.Platforms[1]
	d, err = openBase(t, r.host+"/app@"+image.Digest).Describe(t.Context(), quick())
	if err != nil || d.Digest != image.Digest || !strings.HasSuffix(d.MediaType, "manifest.v1+json") || d.Annotations[annotationRevision] != "abc" {
		t.Errorf("of a single image: %+v, %v", d, err)
	}
	source := openBase(t, tag)
	r.set(nil, func(w http.ResponseWriter, req *http.Request) bool {
		if strings.Contains(req.URL.Path, "/referrers/") {
			http.Error(w, "no", http.StatusForbidden)
			return true
		}
		return false
	})
	d, err = source.Describe(t.Context(), quick())
	if err != nil || len(d.Notes) != 1 || !strings.Contains(d.Notes[0], "what is attached is not known") {
		t.Errorf("from a registry that does not say: %v, %v", d.Notes, err)
	}
	layout := filepath.Join(t.TempDir(), "x")
	if err := WriteLayout(t.Context(), layout, index, "1"); err != nil {
		t.Fatal(err)
	}
	if d, err := openBase(t, layout).Describe(t.Context(), quick()); err != nil || d.Digest != digest(t, index) || len(d.Notes) > 0 {
		t.Errorf("of a layout: %+v, %v", d, err)
	}
}

func TestBaseCreated(t *testing.T) {
	t.Parallel()
	old, made := v1.Time{Time: epoch().Add(-time.Hour)}, v1.Time{Time: epoch()}
	for name, test := range map[string]struct {
		history []v1.Time
		want    time.Time
	}{
		"a base and ours": {[]v1.Time{{Time: old.Add(-time.Hour)}, old, made, made}, old.Time},
		"ours alone":      {[]v1.Time{made, made}, time.Time{}},
		"without times":   {[]v1.Time{{}, made}, time.Time{}},
		"1970":            {[]v1.Time{{Time: time.Unix(0, 0)}, made}, time.Time{}},
		"no history":      {nil, time.Time{}},
	} {
		config := &v1.ConfigFile{Created: made}
		for _, created := range test.history {
			config.History = append(config.History, v1.History{Created: created})
		}
		got := baseCreated(config)
		if (got == nil) != test.want.IsZero() || got != nil && !got.Equal(test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}
