package targets

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/noetl/noetl/magefiles/xbuild"
)

func TestSource(t *testing.T) {
	t.Parallel()
	const commit = "0123456789012345678901234567890123456789 1700000000"
	cases := []struct {
		name, log, status, env string
		revision               string
		unix                   int64
		note, fails            bool
	}{
		{name: "clean", log: commit, revision: commit[:40], unix: 1_700_000_000},
		{name: "dirty", log: commit, status: " M a", revision: commit[:40] + "-dirty", unix: 1_700_000_000},
		{name: "no git", unix: 0, note: true},
		{name: "no git, but a time", env: "1600000000", unix: 1_600_000_000, note: true},
		{name: "time wins", log: commit, env: "1600000000", revision: commit[:40], unix: 1_600_000_000},
		{name: "bad time", log: commit, env: "yesterday", fails: true},
		{name: "negative time", log: commit, env: "-1", fails: true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			j, rec, _ := testJob(t, map[string]string{"SOURCE_DATE_EPOCH": c.env})
			rec.Reply = func(_ context.Context, cmd xbuild.Cmd) error {
				if c.log == "" {
					return &xbuild.ToolError{Cmd: cmd, Err: errors.New("exit status 128")}
				}
				out := c.log
				if cmd.Args[2] == "status" {
					out = c.status
				}
				_, err := io.WriteString(cmd.Stdout, out)
				return err
			}
			s, err := j.source(t.Context())
			if (err != nil) != c.fails {
				t.Fatalf("error %v", err)
			}
			if !c.fails && (s.revision != c.revision || s.created.Unix() != c.unix || (s.note != "") != c.note) {
				t.Errorf("got %+v", s)
			}
		})
	}
}

// TestOneVersion holds the files that each tool reads against project.go.
func TestOneVersion(t *testing.T) {
	t.Parallel()
	p := thisProject()
	for file, line := range map[string]string{
		"pyproject.toml":           "version = \"" + p.Version + "\"\n",
		p.CLI.Dir + "/Cargo.toml":  "version = \"" + p.Version + "\"\n",
		p.UI.Dir + "/package.json": "\"version\": \"" + p.Version + "\",\n",
	} {
		if !fileHas(t, "../../"+file, line) {
			t.Errorf("%s does not say %q", file, line)
		}
	}
}

func fileHas(t *testing.T, file, text string) bool {
	t.Helper()
	b, err := os.ReadFile(filepath.FromSlash(file))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Contains(strings.ReplaceAll(string(b), "\r\n", "\n"), text)
}
