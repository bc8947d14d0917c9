package targets

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// TestManifestRefusals: what does not go together is said before anything is
// read or asked for.
func TestManifestRefusals(t *testing.T) {
	t.Parallel()
	for says, flags := range map[string]manifestFlags{
		"-image=… is missing":                   {},
		"give one of them":                      {image: "a", from: "b"},
		"it goes with -from":                    {image: "a", platforms: "linux/arm64"},
		"-from=a -tag=1":                        {image: "a", tag: "1"},
		"only -image and -json go with it":      {image: "a", verify: true, platform: "linux/arm64"},
		"-sign signs what is published":         {image: "a", sign: true},
		"no tag is given":                       {from: "a,b"},
		"an item is empty":                      {from: "a,,b", tag: "1"},
		"they go with -image":                   {from: "a", tag: "1", output: "x.oci.tar"},
		"x.oci.tar (all platforms":              {image: "a", output: "x.tar"},
		"-registry and -verify do not":          {image: "a", output: "x.oci.tar", registry: "ghcr.io/x"},
		"none.json":                             {from: "none.json", tag: "1"},
		"there is no *.json in it, and it is n": {from: t.TempDir(), tag: "1"},
	} {
		j, rec, _ := testJob(t, nil)
		if err := j.manifest(t.Context(), flags); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%+v: %v, want something with %q", flags, err, says)
		}
		if n := len(rec.Cmds()); n != 0 {
			t.Errorf("%+v: %d commands ran", flags, n)
		}
	}
}

// TestShardsMoveNoTag: a push of some of the platforms moves a tag only if the
// flag names one.
func TestShardsMoveNoTag(t *testing.T) {
	t.Parallel()
	ref := "localhost:5000/x/app:1"
	for name, test := range map[string]struct {
		flags     imageFlags
		platforms []string
		refs      []string
		shard     string
	}{
		"all of them":     {imageFlags{push: true}, []string{"linux/amd64", "linux/arm64"}, []string{ref}, ""},
		"and more":        {imageFlags{push: true}, []string{"linux/amd64", "linux/arm64", "linux/arm/v7"}, []string{ref}, ""},
		"one":             {imageFlags{push: true}, []string{"linux/arm64"}, nil, "linux-arm64.json"},
		"one, with a tag": {imageFlags{push: true, tag: "1"}, []string{"linux/arm64"}, []string{ref}, "linux-arm64.json"},
		"others":          {imageFlags{push: true}, []string{"linux/arm64", "linux/arm/v7"}, nil, "linux-arm-v7_linux-arm64.json"},
		"without a push":  {imageFlags{}, []string{"linux/arm64"}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j, _, out := testJob(t, map[string]string{"NOETL_TAG": "1"})
			stale := j.path(shardDir + "/linux-arm64.json")
			if err := os.MkdirAll(filepath.Dir(stale), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(stale, nil, 0o644); err != nil {
				t.Fatal(err)
			}
			o := order{tags: []string{"1"}}
			var err error
			if o.platforms, err = j.platforms(strings.Join(test.platforms, ",")); err != nil {
				t.Fatal(err)
			}
			if test.flags.push {
				o.refs = []string{ref}
			}
			if o, err = j.asShard(o, test.flags); err != nil {
				t.Fatal(err)
			}
			if got := filepath.Base(o.shard); !slices.Equal(o.refs, test.refs) || test.shard != "" && got != test.shard || test.shard == "" && o.shard != "" {
				t.Errorf("tags %v, shard %q; want %v, %q", o.refs, o.shard, test.refs, test.shard)
			}
			if want := test.shard != ""; (len(o.repositories) == 1 && o.repositories[0] == "localhost:5000/x/app") != want {
				t.Errorf("pushed to %v", o.repositories)
			}
			if _, err := os.Stat(stale); (err != nil) != (test.shard == "linux-arm64.json") {
				t.Errorf("the shard of an earlier build: %v", err)
			}
			if warned := strings.Contains(out.String(), "without linux/amd64"); warned != (test.flags.tag != "") {
				t.Errorf("it says %q", out)
			}
		})
	}
}

// TestShardFacts: any change to what the build was told is another project.
func TestShardFacts(t *testing.T) {
	t.Parallel()
	j, _, _ := testJob(t, nil)
	before, err := j.digest()
	if err != nil {
		t.Fatal(err)
	}
	j.Run.Env = append(slices.Clone(j.Run.Env), "MORE=1")
	if after, err := j.digest(); err != nil || after == before || !strings.HasPrefix(after, "sha256:") {
		t.Errorf("%s, before %s, %v", after, before, err)
	}
	if err := os.WriteFile(j.path(j.Python.Lock), []byte("a==1"), 0o644); err != nil {
		t.Fatal(err)
	}
	locks, err := j.locks()
	if want := sha256Of([]byte("a==1")); err != nil || len(locks) != 1 || locks[j.Python.Lock] != want {
		t.Errorf("%v, %v", locks, err)
	}
}

func TestRepository(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		flag, env  string
		from       []string
		want, says string
	}{
		{flag: "ghcr.io/x", from: []string{"a.b/c"}, want: "ghcr.io/x/noetl-local-dev"},
		{env: "ghcr.io/x", from: []string{"a.b/c"}, want: "a.b/c"},
		{env: "ghcr.io/x", want: "ghcr.io/x/noetl-local-dev"},
		{says: "add -registry="},
		{env: "ghcr.io/x", from: []string{"a.b/c", "d.e/f"}, want: "ghcr.io/x/noetl-local-dev"},
		{from: []string{"a.b/c", "d.e/f"}, says: "the parts lie in a.b/c and in d.e/f"},
	} {
		j, _, _ := testJob(t, map[string]string{"NOETL_REGISTRY": test.env})
		got, err := j.repository(test.flag, test.from)
		if got != test.want || (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%+v: %q, %v", test, got, err)
		}
	}
}

func TestBaseOf(t *testing.T) {
	t.Parallel()
	j, _, _ := testJob(t, nil)
	now := time.Unix(1_700_000_000, 0)
	before := func(d time.Duration) *time.Time { then := now.Add(-d); return &then }
	for want, row := range map[string]oci.Row{
		"":                           {},
		"Debian trixie":              {Layers: []oci.LayerRow{{Name: "Debian trixie"}}},
		"debian:12, 12 days old":     {Base: "debian:12", BaseDigest: "sha256:0", BaseCreated: before(12 * 24 * time.Hour)},
		"sha256:0, 3 hours old":      {BaseDigest: "sha256:0", BaseCreated: before(3 * time.Hour)},
		"unnamed, 5 minutes old":     {BaseCreated: before(5 * time.Minute)},
		"debian:13, from the future": {Base: "debian:13", BaseCreated: before(-time.Minute)},
		"debian:13":                  {Base: "debian:13", Layers: []oci.LayerRow{{Name: "Debian trixie"}}},
	} {
		if got := j.baseOf(row, nil, now); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestLockAge: this checkout's history knows when the lock was last resolved, if
// it has the image's revision and all that is before it.
func TestLockAge(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	ours := oci.Row{Layers: []oci.LayerRow{{Name: "Debian trixie"}}}
	for want, test := range map[string]struct{ revision, shallow, time string }{
		"Debian trixie, resolved 12 days ago": {"0123abc-dirty", "false", "1698963200"},
		"Debian trixie":                       {"0123abc", "true", "1698963200"},
		"Debian trixie ":                      {"--output=/etc/passwd", "false", "1698963200"},
		"Debian trixie  ":                     {"0123abc", "false", ""},
	} {
		j, rec, _ := testJob(t, nil)
		rec.Reply = func(_ context.Context, c xbuild.Cmd) error {
			answer := test.time
			if slices.Contains(c.Args, "rev-parse") {
				answer = test.shallow
			}
			_, err := c.Stdout.Write([]byte(answer + "\n"))
			return err
		}
		if got := j.baseOf(ours, j.resolved(t.Context(), test.revision), now); got != strings.TrimSpace(want) {
			t.Errorf("%+v: %q, want %q", test, got, want)
		}
	}
}
