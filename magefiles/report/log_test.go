package report

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestLogKeepsEveryByte(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "logs")
	r := New(&bytes.Buffer{}, Options{LogDir: dir})
	raw := "\x1b[31mred\x1b[0m\r\nbin\x00ary\xff\n" + strings.Repeat("long", 5000)
	var log *Step
	err := r.Step(t.Context(), "wheels linux/arm/v7", func(_ context.Context, s *Step) error {
		log = s
		_, err := s.Log().Write([]byte(raw))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := log.Log().Write([]byte("too late")); n != 8 || err != nil {
		t.Errorf("writing after the end: %d, %v", n, err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "wheels-linux-arm-v7.log"))
	if err != nil || string(got) != raw {
		t.Errorf("%v, %d bytes", err, len(got))
	}
}

// A step that logs nothing must not leave the log of the run before.
func TestStaleLogIsRemoved(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	old := filepath.Join(dir, "ui.log")
	if err := os.WriteFile(old, []byte("yesterday"), 0o644); err != nil {
		t.Fatal(err)
	}
	r := New(&bytes.Buffer{}, Options{LogDir: dir})
	err := r.Step(t.Context(), "ui", func(context.Context, *Step) error { return errors.New("no") })
	if _, statErr := os.Stat(old); !errors.Is(statErr, os.ErrNotExist) {
		t.Errorf("stat: %v", statErr)
	}
	var s *StepError
	if !errors.As(err, &s) || s.Log != "" {
		t.Errorf("%+v", s)
	}
}

// A log that cannot be written is told, and does not fail the step.
func TestUnwritableLog(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	r := New(&out, Options{LogDir: filepath.Join(file, "logs")})
	write := func(s *Step) {
		if _, err := fmt.Fprintln(s.Log(), "text"); err != nil {
			t.Error(err)
		}
	}
	if err := r.Step(t.Context(), "good", func(_ context.Context, s *Step) error { write(s); return nil }); err != nil {
		t.Error(err)
	}
	_ = r.Step(t.Context(), "bad", func(_ context.Context, s *Step) error { write(s); return errors.New("no") })
	if got := out.String(); !strings.Contains(got, "  | text\n") || strings.Count(got, "warning: the log is incomplete") != 2 {
		t.Errorf("%s", got)
	}
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("needs /dev/full")
	}
	l := newStepLog("", "x", func(string) {})
	f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	l.file, l.f = "/dev/full", f
	if n, err := l.Write([]byte("text\n")); n != 5 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	l.close()
	if last, err := l.end(); err == nil || len(last) != 1 {
		t.Errorf("%q, %v", last, err)
	}
}

func TestFileName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"ui": "ui", "cli linux/arm64": "cli-linux-arm64", `a<b>:"c\d|e?f*`: "a-b---c-d-e-f",
		"../../etc/passwd": "etc-passwd", "..": "step", "": "step", "größe 1.0": "größe-1.0", "a\nb": "a-b",
	} {
		if got := fileName(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	r := New(&bytes.Buffer{}, Options{})
	for _, c := range [][2]string{{"ui", "ui"}, {"UI", "UI-2"}, {"ui-2", "ui-2-2"}, {"ui", "ui-3"}} {
		if got := r.logName(c[0]); got != c[1] {
			t.Errorf("%q again: got %q, want %q", c[0], got, c[1])
		}
	}
}
