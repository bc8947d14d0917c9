package targets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/xbuild"
)

const (
	oneMachine = `{"Current":true,"Driver":"docker-container","Name":"one","Nodes":[{"Endpoint":"unix:///var/run/docker.sock","Name":"one0","Status":"inactive"}]}` + "\n"
	twoOfThem  = `{"Current":false,"Driver":"remote","Name":"farm","Nodes":[` +
		`{"Endpoint":"tcp://a:1234","Name":"a","Platforms":["linux/amd64","linux/amd64/v2"],"Status":"running"},` +
		`{"Endpoint":"tcp://b:1234","Name":"b","Platforms":["linux/arm64","linux/amd64"],"Status":"%s"}]}` + "\n"
	dockersOwn = `{"Current":false,"Driver":"docker","Name":"default","Nodes":[{"Endpoint":"default","Name":"default","Status":"running"}]}` + "\n"
)

// somebodyElses is the project of another repository, with a Dockerfile and
// nothing else.
func somebodyElses() project {
	return project{
		Name: "app", Title: "App", Image: "app", EnvPrefix: "APP_", Version: "3.0", Platforms: []string{"linux/amd64", "linux/arm64"},
		Docker: dockerPart{File: "Dockerfile", Args: []string{"BASE=debian"}, BaseArg: "BASE", VersionArg: "VERSION", CA: "ca"},
	}
}

// fakeBuildKit answers as docker buildx does, with layouts of a file each.
func fakeBuildKit(t *testing.T, list string) func(context.Context, xbuild.Cmd) error {
	return func(ctx context.Context, c xbuild.Cmd) error {
		line := strings.Join(c.Args, " ")
		switch {
		case c.Name == "git":
			return errors.New("no repository")
		case strings.HasPrefix(line, "buildx version"):
			_, _ = io.WriteString(c.Stdout, "github.com/docker/buildx v0.23.0 x\n")
		case strings.HasPrefix(line, "buildx ls"):
			_, _ = io.WriteString(c.Stdout, list)
		case strings.HasPrefix(line, "info"):
			_, _ = io.WriteString(c.Stdout, `[["Backing Filesystem","extfs"]]`)
		case strings.HasPrefix(line, "buildx build"):
			_, platforms, _ := strings.Cut(line, "--platform ")
			platforms, _, _ = strings.Cut(platforms, " ")
			_, dest, _ := strings.Cut(line, "dest=")
			dest, _, _ = strings.Cut(dest, ",")
			var plan oci.Plan
			for _, p := range strings.Split(platforms, ",") {
				tree := func(context.Context) (fs.FS, error) { return fstest.MapFS{"etc/app": {Data: []byte(p)}}, nil }
				plan.Images = append(plan.Images, oci.Image{Platform: p, Layers: []*oci.Layer{{Name: "COPY app", Tree: tree, To: "/"}}, Created: time.Unix(9, 0)})
			}
			index, err := oci.Builder{Cache: oci.Cache{Dir: t.TempDir()}}.Build(ctx, plan)
			if err != nil {
				return err
			}
			return oci.WriteLayout(ctx, dest, index, "x")
		}
		return nil
	}
}

func buildxJob(t *testing.T, env map[string]string, list string) (*job, *xbuild.Recorder, func() string) {
	t.Helper()
	if env == nil {
		env = map[string]string{}
	}
	env["PATH"] = fakes(t, "docker")
	j, rec, out := testJob(t, env)
	j.project = somebodyElses()
	rec.Reply = fakeBuildKit(t, list)
	return j, rec, out.String
}

func builds(rec *xbuild.Recorder) []string {
	var out []string
	for _, c := range rec.Cmds() {
		if line := strings.Join(c.Args, " "); strings.HasPrefix(line, "buildx build") {
			out = append(out, line)
		}
	}
	slices.Sort(out)
	return out
}

// TestBuildxImages: one machine builds all at once, several each its own; both
// come to the same index.
func TestBuildxImages(t *testing.T) {
	t.Parallel()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	var digests []string
	for _, tt := range []struct {
		name, builder, list string
		says                [][]string
	}{
		{"one", "", oneMachine, [][]string{{
			"--builder one ", "--platform linux/amd64,linux/arm64 ", "--build-arg SOURCE_DATE_EPOCH=1234 --build-arg BASE=debian --build-arg VERSION=3.0 --build-arg X=1 ",
			"--secret id=pip,src=/p --secret id=npmrc,src=/n --secret id=ca,src=" + ca, "--cache-from type=registry,ref=host.io/c:x ", "--cache-to type=registry,ref=host.io/c:x,mode=max ",
			"--label org.opencontainers.image.title=app ", "--annotation manifest:org.opencontainers.image.version=3.0 ",
		}}},
		{"two", "farm", oneMachine + fmt.Sprintf(twoOfThem, "running"), [][]string{
			{"--builder farm ", "--platform linux/amd64 ", "--cache-from type=registry,ref=host.io/c:x --cache-from type=registry,ref=host.io/c:x-linux-amd64 ", "ref=host.io/c:x-linux-amd64,mode=max "},
			{"--platform linux/arm64 ", "ref=host.io/c:x-linux-arm64,mode=max "},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j, rec, out := buildxJob(t, map[string]string{"SOURCE_DATE_EPOCH": "1234", "SSL_CERT_FILE": ca, "APP_ENGINE": "buildx"}, tt.list)
			flags := engineFlags{builder: tt.builder, cacheFrom: "host.io/c:x", cacheTo: "host.io/c:x", buildArg: "X=1", secret: "id=pip,src=/p;\nid=npmrc,src=/n"}
			if err := j.images(t.Context(), imageFlags{engineFlags: flags}); err != nil {
				t.Fatalf("%v\n%s", err, out())
			}
			calls := builds(rec)
			if len(calls) != len(tt.says) {
				t.Fatalf("%d calls: %q", len(calls), calls)
			}
			for i, words := range tt.says {
				for _, word := range words {
					if !strings.Contains(calls[i], word) {
						t.Errorf("call %d lacks %q:\n%s", i, word, calls[i])
					}
				}
			}
			made, err := oci.Open(t.Context(), j.path("dist/images/app"), oci.Remote{})
			if err != nil {
				t.Fatal(err)
			}
			digests = append(digests, made.Digest)
			result, err := os.ReadFile(j.path("dist/images/app.json"))
			if err != nil || !strings.Contains(string(result), made.Digest) {
				t.Errorf("the result is %s (%v)", result, err)
			}
			if left, _ := filepath.Glob(j.path("dist/.buildx-*")); left != nil {
				t.Errorf("left behind: %v", left)
			}
		})
	}
	if len(digests) == 2 && digests[0] != digests[1] {
		t.Errorf("one machine makes %s, two make %s", digests[0], digests[1])
	}
}

// TestBuildxRefusals: nothing is built that cannot work.
func TestBuildxRefusals(t *testing.T) {
	t.Parallel()
	all := oneMachine + fmt.Sprintf(twoOfThem, "inactive") + dockersOwn
	for _, tt := range []struct {
		name  string
		flags imageFlags
		env   map[string]string
		says  []string
	}{
		{"no such engine", imageFlags{engineFlags: engineFlags{engine: "kaniko"}}, nil, []string{`"kaniko"`, "oci", "buildx"}},
		{"builder without buildx", imageFlags{engineFlags: engineFlags{engine: "oci", builder: "x"}}, nil, []string{"-builder", "-engine=buildx"}},
		{"locked", imageFlags{locked: true, engineFlags: engineFlags{engine: "buildx"}}, nil, []string{"-locked"}},
		{"no such builder", imageFlags{engineFlags: engineFlags{engine: "buildx", builder: "nope"}}, nil, []string{`"nope"`, "farm", "docker buildx create"}},
		{"docker's own", imageFlags{engineFlags: engineFlags{engine: "buildx", builder: "default"}}, nil, []string{"docker buildx create --driver docker-container --use"}},
		{"a silent machine", imageFlags{engineFlags: engineFlags{engine: "buildx"}}, map[string]string{"BUILDX_BUILDER": "farm"}, []string{"linux/arm64", "b at tcp://b:1234", "--leave --node b"}},
		{"cache", imageFlags{engineFlags: engineFlags{engine: "buildx", cacheTo: "type=folder,dest=x"}}, nil, []string{"-cacheTo", "folder", "registry"}},
		{"cache at a bad reference", imageFlags{engineFlags: engineFlags{engine: "buildx", cacheTo: "Host.io/UPPER"}}, nil, []string{"UPPER"}},
		{"GitHub's cache elsewhere", imageFlags{engineFlags: engineFlags{engine: "buildx", cacheFrom: "gha"}}, nil, []string{"ACTIONS_RUNTIME_TOKEN", "ghaction-github-runtime"}},
		{"build argument", imageFlags{engineFlags: engineFlags{engine: "buildx", buildArg: "BASE"}}, nil, []string{"NAME=value"}},
		{"secret", imageFlags{engineFlags: engineFlags{engine: "buildx", secret: "pip.conf"}}, nil, []string{"id=NAME,src=FILE"}},
		{"no such certificates", imageFlags{engineFlags: engineFlags{engine: "buildx"}}, map[string]string{"SSL_CERT_FILE": "/nowhere"}, []string{"SSL_CERT_FILE", "/nowhere"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			j, rec, _ := buildxJob(t, tt.env, all)
			err := j.images(t.Context(), tt.flags)
			for _, word := range tt.says {
				if err == nil || !strings.Contains(err.Error(), word) {
					t.Errorf("%v does not say %q", err, word)
				}
			}
			if n := len(builds(rec)); n > 0 {
				t.Errorf("%d builds ran before the refusal", n)
			}
		})
	}
}

// TestBuildxSilentMachine: one that no asked platform needs may be away.
func TestBuildxSilentMachine(t *testing.T) {
	t.Parallel()
	j, rec, out := buildxJob(t, nil, fmt.Sprintf(twoOfThem, "inactive"))
	err := j.images(t.Context(), imageFlags{platforms: "linux/amd64", engineFlags: engineFlags{engine: "buildx", builder: "farm"}})
	if err != nil || len(builds(rec)) != 1 {
		t.Errorf("%v, %d builds\n%s", err, len(builds(rec)), out())
	}
}

// TestDoctorBuilders: a builder of several machines is explained.
func TestDoctorBuilders(t *testing.T) {
	t.Parallel()
	j, _, _ := buildxJob(t, map[string]string{"BUILDX_BUILDER": "farm"}, oneMachine+fmt.Sprintf(twoOfThem, "inactive"))
	checks := j.checkBuilders(t.Context(), "docker")
	if c := byID(checks, "builder.farm"); c.Found != "remote, 2 machines, current" || c.Why != "linux/amd64 on a, linux/arm64 on b" {
		t.Errorf("%+v", c)
	}
	if c := byID(checks, "builder.farm.a"); c.State != stateInfo || c.Where != "tcp://a:1234" || c.Why != "linux/amd64" {
		t.Errorf("%+v", c)
	}
	if c := byID(checks, "builder.farm.b"); c.State != stateWarning || !strings.Contains(c.Cure, "buildkitd") || !strings.Contains(c.Problem, "tcp://b:1234") {
		t.Errorf("%+v", c)
	}
	if c := byID(checks, "builder.one"); c.State != stateInfo || c.Problem != "" || !strings.Contains(c.Why, "starts it") {
		t.Errorf("%+v", c)
	}
}
