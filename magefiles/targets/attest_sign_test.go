package targets

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/xbuild"
)

func TestSigner(t *testing.T) {
	t.Parallel()
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, xbuild.Host().Exe("cosign")), []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		flags imageFlags
		path  string
		sign  string
		says  string // of the error; "" for none
		found bool
	}{
		{"not asked for", imageFlags{push: true}, bin, "", "", false},
		{"asked for", imageFlags{push: true, sign: true}, bin, "", "", true},
		{"by the environment", imageFlags{push: true}, bin, "1", "", true},
		{"environment without push", imageFlags{}, bin, "true", "", false},
		{"no push", imageFlags{sign: true}, bin, "", "add -push", false},
		{"not installed", imageFlags{push: true, sign: true}, t.TempDir(), "", "cosign is not installed; get it from https://", false},
		{"what is that", imageFlags{push: true}, bin, "maybe", "neither true nor false", false},
	} {
		j, _, _ := testJob(t, map[string]string{"PATH": tt.path, "NOETL_SIGN": tt.sign})
		got, err := j.signer(tt.flags)
		if (got != "") != tt.found || (err != nil) != (tt.says != "") || err != nil && !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %q, %v", tt.name, got, err)
		}
	}
}

func TestSign(t *testing.T) {
	t.Parallel()
	j, rec, _ := testJob(t, nil)
	pushed := []oci.Pushed{{Ref: "a.example/x@sha256:1"}, {Ref: "b.example/x@sha256:1"}}
	if err := j.sign(t.Context(), "", pushed); err != nil || len(rec.Cmds()) != 0 {
		t.Errorf("without an order: %v, %v", err, rec.Cmds())
	}
	if err := j.sign(t.Context(), "/bin/cosign", pushed); err != nil {
		t.Fatal(err)
	}
	cmds := rec.Cmds()
	if len(cmds) != 2 || cmds[1].Name != "/bin/cosign" || !slices.Equal(cmds[1].Args, []string{"sign", "--yes", "b.example/x@sha256:1"}) {
		t.Errorf("%+v", cmds)
	}
	rec.Reply = func(context.Context, xbuild.Cmd) error { return &xbuild.ToolError{Err: errors.New("no identity")} }
	if err := j.sign(t.Context(), "/bin/cosign", pushed); err == nil || !strings.Contains(err.Error(), "which is published") || !strings.Contains(err.Error(), "sign it later") {
		t.Errorf("%v", err)
	}
}
