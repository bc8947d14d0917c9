package xbuild

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestBuildxVersion(t *testing.T) {
	t.Parallel()
	if v, err := BuildxVersion(t.Context(), answers("github.com/docker/buildx v0.23.0 28c90eadc4c12bd4e4e6c9d1b0a7b6a8e3a0b1c2\n", "", 0), "docker"); v != "0.23.0" || err != nil {
		t.Errorf("%q, %v", v, err)
	}
	for _, says := range []string{
		"docker: 'buildx' is not a docker command.\nSee 'docker --help'\n",                     // 20.10
		"docker: unknown command: docker buildx\n\nRun 'docker --help' for more information\n", // 28
	} {
		if _, err := BuildxVersion(t.Context(), answers("", says, 1), "docker"); !errors.Is(err, ErrNoBuildx) {
			t.Errorf("%q gives %v", says, err)
		}
	}
	if _, err := BuildxVersion(t.Context(), answers("", "fork/exec docker-buildx: exec format error\n", 1), "docker"); err == nil || errors.Is(err, ErrNoBuildx) {
		t.Errorf("a broken plug-in gives %v", err)
	}
}

const (
	buildxJSON = `{"Current":true,"Driver":"docker-container","Dynamic":false,"LastActivity":"2025-05-01T10:00:00Z","Name":"multi","Nodes":[` +
		`{"Endpoint":"unix:///var/run/docker.sock","Name":"multi0","Platforms":["linux/amd64","linux/386"],"Status":"running","Version":"v0.21.0"},` +
		`{"Endpoint":"ssh://arm","Name":"multi1","Platforms":["linux/arm64","linux/386"],"Status":"running"}]}` + "\n" +
		`{"Current":false,"Driver":"docker","Dynamic":false,"Name":"default","Nodes":[{"Endpoint":"default","Name":"default","Status":"inactive"}]}` + "\n"
	buildxOldTable = `NAME/NODE DRIVER/ENDPOINT             STATUS   BUILDKIT PLATFORMS
multi *   docker-container                              
  multi0  unix:///var/run/docker.sock running  v0.11.6  linux/amd64*, linux/arm64*
  multi1  ssh://arm                   stopped           
default   docker                                        
  default default                     running  20.10.24 linux/amd64
`
	buildxNewTable = `NAME/NODE     DRIVER/ENDPOINT   STATUS    BUILDKIT   PLATFORMS
default*      docker                                 
 \_ default    \_ default       running   v0.17.3    linux/amd64 (+3), linux/386
`
)

func TestBuilders(t *testing.T) {
	t.Parallel()
	list, err := Builders(t.Context(), answers(buildxJSON, "", 0), "docker")
	if err != nil || len(list) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	if b := list[0]; b.Name != "multi" || !b.Current || !b.Running() || !slices.Equal(b.Platforms(), []string{"linux/amd64", "linux/386", "linux/arm64"}) {
		t.Errorf("%+v", b)
	}
	if b := list[1]; b.Current || b.Running() || b.Platforms() != nil || b.Driver != "docker" {
		t.Errorf("%+v", b)
	}
	broken := `{"Name":"default","Driver":"","LastActivity":"0001-01-01T00:00:00Z","Dynamic":false,"Nodes":[{"Name":"","Endpoint":""}],"Err":"Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"}` // 0.23
	if list, err := Builders(t.Context(), answers(broken, "", 0), "docker"); err != nil || len(list) != 1 || list[0].Running() || !strings.HasPrefix(list[0].Err, "Cannot connect") {
		t.Errorf("%+v, %v", list, err)
	}
	old := func(ctx context.Context, c Cmd) error {
		if slices.Contains(c.Args, "--format") {
			return answers("", "unknown flag: --format\nSee 'docker buildx ls --help'.\n", 1)(ctx, c)
		}
		return answers(buildxOldTable, "", 0)(ctx, c)
	}
	list, err = Builders(t.Context(), old, "docker")
	want := []Builder{
		{"multi", "docker-container", true, "", []BuilderNode{
			{"multi0", "unix:///var/run/docker.sock", "running", []string{"linux/amd64", "linux/arm64"}, "", ""}, {"multi1", "ssh://arm", "stopped", nil, "", ""},
		}},
		{"default", "docker", false, "", []BuilderNode{{"default", "default", "running", []string{"linux/amd64"}, "", ""}}},
	}
	if err != nil || !reflect.DeepEqual(list, want) {
		t.Errorf("%+v, %v", list, err)
	}
	list = builderTable(strings.TrimSpace(buildxNewTable))
	if len(list) != 1 || !list[0].Current || list[0].Name != "default" || !slices.Equal(list[0].Platforms(), []string{"linux/amd64", "linux/386"}) {
		t.Errorf("%+v", list)
	}
	if _, err := Builders(t.Context(), answers("", "ERROR: permission denied\n", 1), "docker"); err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("got %v", err)
	}
}
