package oci

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"
)

var (
	killRuns    = flag.Int("kills", 8, "publishers that are killed")
	raceRuns    = flag.Int("races", 10, "races of two publishers")
	childLayout = flag.String("child", "", "publish this layout and do nothing else; the tests use it on themselves")
	childRefs   = flag.String("refs", "", "tags for -child, with commas between")
)

// TestChild is what TestPublishKilled kills.
func TestChild(t *testing.T) {
	if *childLayout == "" {
		t.Skip("it is a part of TestPublishKilled")
	}
	source, err := Open(t.Context(), *childLayout, Remote{})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("begins")
	if _, err := Publish(t.Context(), Publication{Index: source.Index, Tags: strings.Split(*childRefs, ",")}, steady()); err != nil {
		t.Fatal(err)
	}
}

// steady waits long enough for a registry that is written to: Debian's answers
// with 500 while it rewrites a tag.
func steady() Remote {
	return Remote{Patience: Patience{Attempts: 12, First: 2 * time.Millisecond, Longest: time.Second}}
}

// numbered is an image of two platforms that has not been there before.
func numbered(t *testing.T, by string, n int) Index {
	t.Helper()
	image := func(platform string) Image {
		return Image{Platform: platform, Created: epoch(), Layers: []*Layer{
			{Name: "own", To: "/own", Tree: FS(fstest.MapFS{"file": file(fmt.Sprint(by, platform, n))})},
		}}
	}
	return build(t, Plan{Images: []Image{image("linux/amd64"), image("linux/arm64")}})
}

// complete wants a tag to be a complete image, and says which; "" is none.
func complete(t *testing.T, ref string) string {
	t.Helper()
	v, err := Verify(context.Background(), ref, steady(), true)
	switch {
	case statusOf(err) == 404:
		return ""
	case err != nil || len(v.Problems) > 0:
		t.Errorf("%s is broken: %v %+v", ref, err, v.Problems)
	}
	return v.Digest
}

// TestPublishKilled kills publishers at any moment (SIGKILL: nothing is tidied
// up). Tags are then at the old image or the new one, and the next run succeeds
// with the digest that the killed one would have had.
func TestPublishKilled(t *testing.T) {
	t.Parallel()
	for name, host := range registries(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			repo := fmt.Sprintf("%s/killed-%d", host, time.Now().UnixNano())
			refs := []string{repo + ":1", repo + ":latest"}
			random := rand.New(rand.NewPCG(5, 5))
			// The first is left alone: its time is that in which the others are killed.
			old, whole := "", time.Minute
			found := map[string]int{}
			for i := range *killRuns + 1 {
				index := numbered(t, "killed", i)
				layout := filepath.Join(t.TempDir(), "layout")
				if err := WriteLayout(t.Context(), layout, index, "1"); err != nil {
					t.Fatal(err)
				}
				after := whole
				switch {
				case i == 0:
				case i%2 == 0: // at any moment
					after = time.Duration(random.Int64N(int64(whole)))
				default: // about the time when tags move
					after = whole*2/3 + time.Duration(random.Int64N(int64(whole)/2))
				}
				if took := killChild(t, layout, refs, after); took > 0 { // it came to its end before
					whole = took
				}
				fresh, at := digest(t, index), []string{complete(t, refs[0]), complete(t, refs[1])}
				for _, d := range at {
					if d != fresh && d != old {
						t.Errorf("a tag is at %q, neither at the old %q nor at the new %q", d, old, fresh)
					}
				}
				switch {
				case i == 0:
				case at[0] == fresh && at[1] == fresh:
					found["tags at new"]++
				case at[0] == fresh:
					found["first tag at new"]++
				default:
					found["tags at old"]++
				}
				if at[1] == fresh && at[0] != fresh {
					t.Error("latest has moved before the other tag")
				}
				got, err := Publish(t.Context(), Publication{Index: index, Tags: refs}, steady())
				if err != nil || got.Digest != fresh || complete(t, refs[0]) != fresh || complete(t, refs[1]) != fresh {
					t.Errorf("the next run: %+v, %v", got, err)
				}
				old = fresh
			}
			t.Logf("%d publishers killed, registry %s: %v", *killRuns, name, found)
		})
	}
}

// killChild lets a publisher run for a while. What it took is told if it came to
// its end before.
func killChild(t *testing.T, layout string, refs []string, after time.Duration) (took time.Duration) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run", "^TestChild$", "-child", layout, "-refs", strings.Join(refs, ","))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "begins" {
	}
	began := time.Now()
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	for lines.Scan() {
	}
	took = time.Since(began)
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if timer.Stop() && !cmd.ProcessState.Success() {
		t.Errorf("the publisher has failed by itself: %s", cmd.ProcessState)
	}
	if !cmd.ProcessState.Success() {
		return 0
	}
	return took
}

// TestPublishRaced lets two publish under the same tags at once. The tags are
// always complete images; who succeeds has its image there at least when it
// looked, and who was overtaken is told by whom.
func TestPublishRaced(t *testing.T) {
	t.Parallel()
	for name, host := range registries(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			repo := fmt.Sprintf("%s/raced-%d", host, time.Now().UnixNano())
			refs := []string{repo + ":1", repo + ":latest"}
			overtaken := 0
			for i := range *raceRuns {
				two := []Index{numbered(t, "one", i), numbered(t, "two", i)}
				digests := []string{digest(t, two[0]), digest(t, two[1])}
				errs := make([]error, 2)
				var wg sync.WaitGroup
				for n := range two {
					wg.Go(func() {
						_, errs[n] = Publish(context.Background(), Publication{Index: two[n], Tags: refs}, steady())
					})
				}
				done := make(chan struct{})
				go func() { wg.Wait(); close(done) }()
				for looking := true; looking; {
					select {
					case <-done:
						looking = false
					default:
					}
					complete(t, refs[1])
				}
				for _, ref := range refs {
					if at := complete(t, ref); !slices.Contains(digests, at) {
						t.Errorf("%s is at %q, and neither of the two has published that", ref, at)
					}
				}
				overtaken += toldOvertaken(t, errs, digests)
			}
			t.Logf("%d races, registry %s: %d publishers were overtaken and told so", *raceRuns, name, overtaken)
		})
	}
}

func toldOvertaken(t *testing.T, errs []error, digests []string) (n int) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			n++
			wantError(t, err, "somebody else has published", digests[0], digests[1])
		}
	}
	return n
}
