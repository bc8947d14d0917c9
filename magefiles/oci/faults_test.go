package oci

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/registry"
)

// The end-to-end tests run these tests longer, and against a registry that is
// not ours. The numbers are how often something is published.
var (
	faultRuns    = flag.Int("faults", 60, "publications under faults")
	realRegistry = flag.String("registry", "", "host:port of a registry to test with too; blobs have to be removable")
)

// registries are those to test with: one in this process, and the given one.
func registries(t *testing.T) map[string]string {
	t.Helper()
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	hosts := map[string]string{"in process": strings.TrimPrefix(server.URL, "http://")}
	if *realRegistry != "" {
		hosts["real"] = *realRegistry
	}
	return hosts
}

type password struct{}

func (password) Resolve(authn.Resource) (authn.Authenticator, error) {
	return &authn.Basic{Username: proxyUser, Password: proxyPassword}, nil
}

// outcomes counts, by kind of fault, what became of publications.
type outcomes struct {
	mu    sync.Mutex
	table map[string]map[string]int
}

const (
	outSuccess = "success"
	outOld     = "error, tags at old"
	outPart    = "error, some tags at new"
	outNew     = "error, tags at new"
)

func (o *outcomes) add(kind, what string, n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.table[kind] == nil {
		o.table[kind] = make(map[string]int)
	}
	o.table[kind][what] += n
}

func (o *outcomes) String() string {
	columns := []string{"publications", "faults", outSuccess, outOld, outPart, outNew}
	var s strings.Builder
	fmt.Fprintf(&s, "%-20s", "fault")
	for _, c := range columns {
		fmt.Fprintf(&s, " %*s", max(len(c), 8), c)
	}
	for _, kind := range append(faultKinds(), faultMixed) {
		fmt.Fprintf(&s, "\n%-20s", kind)
		for _, c := range columns {
			fmt.Fprintf(&s, " %*d", max(len(c), 8), o.table[kind][c])
		}
	}
	return s.String()
}

// TestPublishUnderFaults publishes again and again, through a proxy that breaks
// requests. Whatever happens, each tag is one complete image, the old or the new
// one; success is success; and no error tells a secret.
func TestPublishUnderFaults(t *testing.T) {
	t.Parallel()
	for name, host := range registries(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := &outcomes{table: make(map[string]map[string]int)}
			const workers = 12
			var wg sync.WaitGroup
			for w := range workers {
				idle := 300 * time.Millisecond
				if host == *realRegistry {
					idle = 600 * time.Millisecond // it writes to a disk that others use too
				}
				run := newFaultRun(t, host, w, idle, out)
				wg.Go(func() {
					for i := w; i < *faultRuns; i += workers {
						run.once(uint64(i))
					}
				})
			}
			wg.Wait()
			t.Logf("%d publications, registry %s:\n%s", *faultRuns, name, out)
			successes, errors := 0, 0
			for _, row := range out.table {
				successes += row[outSuccess]
				errors += row[outOld] + row[outPart] + row[outNew]
			}
			if successes == 0 || errors == 0 {
				t.Errorf("%d successes and %d errors: the faults prove nothing", successes, errors)
			}
		})
	}
}

// faultRun is one publisher with a repository, and a proxy, of its own.
type faultRun struct {
	t       *testing.T
	proxy   *faultProxy
	remote  Remote
	direct  Remote
	past    *session // past the proxy
	repo    string   // behind the proxy
	name    string
	worker  int
	cache   string
	out     *outcomes
	at      map[string]string // what each tag points at
	waiting sync.Mutex
	heard   []string
}

func newFaultRun(t *testing.T, host string, worker int, idle time.Duration, out *outcomes) *faultRun {
	t.Helper()
	r := &faultRun{
		t: t, proxy: newFaultProxy(t, "http://"+host), out: out, cache: t.TempDir(), at: make(map[string]string),
		// Equal seeds make equal images and equal faults, in a new repository.
		worker: worker, name: fmt.Sprintf("faults-%d-%d", time.Now().UnixNano(), worker),
	}
	r.repo = host + "/" + r.name
	r.remote = Remote{
		Keychain: password{}, Jobs: 1 + worker%4,
		Patience: Patience{Attempts: 6, Total: 3 * time.Second, First: time.Millisecond, Longest: 8 * time.Millisecond, Idle: idle},
		Waiting: func(w Waiting) {
			r.waiting.Lock()
			defer r.waiting.Unlock()
			r.heard = append(r.heard, w.Cause)
		},
	}
	r.direct = Remote{Patience: Patience{First: 10 * time.Millisecond}}
	repo, err := parseRepository(r.repo)
	if err != nil {
		t.Fatal(err)
	}
	if r.past, err = r.direct.session(t.Context(), repo, "pull"); err != nil {
		t.Fatal(err)
	}
	return r
}

// image is small, and has a layer that all of them share.
func (r *faultRun) image(seed uint64) Index {
	image := func(platform string) Image {
		return Image{Platform: platform, Created: epoch(), Layers: []*Layer{
			{Name: "same", To: "/same", Tree: FS(fstest.MapFS{"file": file(fmt.Sprint("in all images of ", r.worker))})},
			{Name: "own", To: "/own", Tree: FS(fstest.MapFS{"file": file(fmt.Sprint(r.worker, platform, seed))})},
		}}
	}
	plan := Plan{Images: []Image{image("linux/amd64"), image("linux/arm64")}}
	index, err := Builder{Cache: Cache{Dir: r.cache}}.Build(context.Background(), plan)
	if err != nil {
		r.t.Error(err)
	}
	return index
}

// once publishes under one kind of fault, and looks at what came of it.
func (r *faultRun) once(seed uint64) {
	kinds := append(faultKinds(), faultMixed)
	kind := kinds[seed%uint64(len(kinds))]
	rate := []float64{0.05, 0.15, 0.3, 0.9}[seed/uint64(len(kinds))%4]
	index := r.image(seed)
	digest, err := index.Digest()
	if err != nil {
		r.t.Error(err)
		return
	}
	tags := []string{"latest", fmt.Sprint("v", seed%7)}
	var refs []string
	for _, tag := range tags {
		refs = append(refs, r.proxy.host+"/"+r.name+":"+tag)
	}
	p := Publication{Index: index, Tags: refs, Platforms: []string{"linux/amd64", "linux/arm64"}}
	if seed%4 == 3 {
		p.Artifacts = []Artifact{{Subject: digest.String(), Type: "application/vnd.in-toto+json", Content: fmt.Append(nil, "about ", r.worker, " ", seed)}}
	}
	r.heard = nil
	r.proxy.arm(kind, rate, seed)
	got, err := Publish(context.Background(), p, r.remote)
	hits := r.proxy.arm("", 0, 0)
	r.quiet(seed, err)
	moved := r.look(seed, tags, digest.String(), got, err)
	r.out.add(kind, "publications", 1)
	r.out.add(kind, "faults", hits)
	switch {
	case err == nil:
		r.out.add(kind, outSuccess, 1)
		if moved != len(tags) {
			r.t.Errorf("seed %d, %s: success, and %d of %d tags have moved", seed, kind, moved, len(tags))
		}
	case moved == 0:
		r.out.add(kind, outOld, 1)
	default:
		r.out.add(kind, map[bool]string{true: outNew, false: outPart}[moved == len(tags)], 1)
	}
}

// quiet wants no secret in anything that a person sees.
func (r *faultRun) quiet(seed uint64, err error) {
	seen := slices.Clone(r.heard)
	if err != nil {
		seen = append(seen, err.Error())
		if !strings.Contains(err.Error(), "tag") {
			r.t.Errorf("seed %d: the error does not say what is with the tags: %v", seed, err)
		}
	}
	for _, text := range seen {
		for _, secret := range r.proxy.secrets {
			if strings.Contains(text, secret) {
				r.t.Errorf("seed %d: a secret is told: %s", seed, text)
			}
		}
	}
}

// look reads all tags past the proxy, and counts those at the new image.
func (r *faultRun) look(seed uint64, tags []string, digest string, got Published, err error) (moved int) {
	told := make(map[string]bool)
	for _, m := range got.Tags {
		told[m.Ref[strings.LastIndex(m.Ref, ":")+1:]] = true
	}
	sound := make(map[string]Verification) // a tag that is at what another one is at, is as sound
	for _, tag := range tags {
		at, verr := r.past.resolve(context.Background(), tag)
		v, known := sound[at]
		if verr == nil && !known {
			v, verr = Verify(context.Background(), r.repo+":"+tag, r.direct, true)
			sound[v.Digest] = v
			if v.Digest == digest && v.Referrers != len(got.Attached) {
				r.t.Errorf("seed %d: %d documents are attached, and %d were told", seed, v.Referrers, len(got.Attached))
			}
		}
		switch {
		case verr != nil && r.at[tag] == "" && statusOf(verr) == 404:
		case verr != nil || len(v.Problems) > 0:
			r.t.Errorf("seed %d: tag %s is broken: %v %+v", seed, tag, verr, v.Problems)
		case v.Digest != digest && v.Digest != r.at[tag]:
			r.t.Errorf("seed %d: tag %s is at %s, neither the new %s nor the old %s", seed, tag, v.Digest, digest, r.at[tag])
		}
		now := v.Digest == digest
		if now {
			moved++
		}
		if now != told[tag] && (err == nil || !strings.Contains(err.Error(), "could not be found out")) {
			r.t.Errorf("seed %d: tag %s moved: %v, and told: %v: %v", seed, tag, now, told[tag], err)
		}
		r.at[tag] = cmp.Or(v.Digest, r.at[tag])
	}
	return moved
}
