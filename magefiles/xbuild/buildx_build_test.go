package xbuild

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestBuildxCmd(t *testing.T) {
	t.Parallel()
	b := BuildxBuild{
		Docker: "docker", Builder: "farm", Dir: "/src", File: "docker/Dockerfile", Target: "app",
		Platforms: []Platform{{OS: "linux", Arch: "amd64"}, {OS: "linux", Arch: "arm64"}},
		Args:      []string{"BASE=x"}, Labels: map[string]string{"b": "2", "a": "1"}, Annotate: map[string]string{"c": "3"},
		Secrets: []string{SecretFile("ca", "/a,b.pem")}, CacheFrom: []BuildxCache{{Type: "gha"}}, CacheTo: []BuildxCache{{Type: "inline"}},
		Time: time.Unix(1234, 0), Out: "/out/a,b",
	}
	c := b.Cmd()
	got := strings.Join(c.Args, " ")
	for _, want := range []string{
		"buildx build --progress=plain --provenance=false --sbom=false --builder farm --platform linux/amd64,linux/arm64 --file ",
		`--target app --output type=oci,tar=false,"dest=/out/a,b",rewrite-timestamp=true --build-arg SOURCE_DATE_EPOCH=1234 --build-arg BASE=x`,
		`--label a=1 --label b=2 --annotation manifest:c=3 --secret id=ca,"src=/a,b.pem" --cache-from type=gha --cache-to type=inline /src`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\nlacks %s", got, want)
		}
	}
}

func TestBuildxFailure(t *testing.T) {
	t.Parallel()
	failing := func(file string) error {
		run := func(_ context.Context, c Cmd) error {
			text := recorded(t, "failures/"+file)
			_, _ = io.WriteString(c.Stdout, text)
			return &ToolError{Cmd: c, Output: text, Hint: "do it", Err: errors.New("exit status 1")}
		}
		var steps []string
		err := BuildxBuild{Docker: "docker", File: "F", Doing: func(s string) { steps = append(steps, s) }}.Run(t.Context(), run)
		if file == "buildx-step.txt" && !slices.Contains(steps, `[cli 2/2] RUN ["/bin/cargo"]`) {
			t.Errorf("steps told: %q", steps)
		}
		return err
	}
	for file, want := range map[string]string{
		"buildx-step.txt": `building "F": step "[cli 2/2] RUN [\"/bin/cargo\"]" (run.Dockerfile:3) failed: process "/bin/cargo" did not complete successfully: exit code: 101` +
			"\n  |    Compiling crate 23\n",
		"buildx-syntax.txt":     `building "F": syntax.Dockerfile:2: dockerfile parse error on line 2: unknown instruction: COPPY (did you mean COPY?)` + "\n  cure: do it",
		"buildx-died.txt":       `building "F": failed to receive status: rpc error: code = Unavailable`,
		"buildx-no-builder.txt": `building "F": no builder "nope" found`,
	} {
		err := failing(file)
		var be *BuildxError
		if !errors.As(err, &be) || !strings.HasPrefix(err.Error(), want) || be.Cure() != "do it" {
			t.Errorf("%s: %v\nwant %s", file, err, want)
		}
	}
	var te *ToolError
	stopped := &ToolError{Err: context.Canceled, Output: "ERROR: failed to build: Canceled: context canceled\n"}
	if err := buildxFailed(stopped, "F"); !errors.As(err, &te) || !errors.Is(err, context.Canceled) {
		t.Errorf("an interrupt became %v", err)
	}
}

func TestRounds(t *testing.T) {
	t.Parallel()
	amd, arm := Platform{OS: "linux", Arch: "amd64"}, Platform{OS: "linux", Arch: "arm64"}
	all := []Platform{amd, arm}
	one := Builder{Driver: "docker-container", Nodes: []BuilderNode{{Name: "x", Status: "inactive"}}}
	two := Builder{Driver: "remote", Nodes: []BuilderNode{
		{Name: "a", Status: "running", Platforms: []string{"linux/amd64", "linux/arm64"}},
		{Name: "b", Status: "inactive", Platforms: []string{"linux/arm64", "linux/amd64"}},
	}}
	if n := len(one.Rounds(all)); n != 1 {
		t.Errorf("one machine gets %d calls", n)
	}
	if n := len(two.Rounds(all)); n != 2 {
		t.Errorf("two machines get %d calls", n)
	}
	for p, want := range map[Platform]string{amd: "a", arm: "b"} {
		if n, has := two.NodeFor(p); n.Name != want || !has {
			t.Errorf("%s goes to %s (%v)", p, n.Name, has)
		}
	}
	if n, has := one.NodeFor(arm); n.Name != "x" || has {
		t.Errorf("%s, %v", n.Name, has)
	}
	if s := two.Silent(); len(s) != 1 || s[0].Name != "b" {
		t.Errorf("%v", s)
	}
	if s := one.Silent(); s != nil {
		t.Errorf("a container that buildx starts by itself is taken for a fault: %v", s)
	}
}
