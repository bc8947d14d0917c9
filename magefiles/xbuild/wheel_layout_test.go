package xbuild

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// failing replies to every command but a question for the version with a failure.
func failing(output string) func(context.Context, Cmd) error {
	return func(_ context.Context, c Cmd) error {
		if c.Args[0] == "--version" {
			return nil
		}
		return &ToolError{Cmd: c, Output: output, Err: errors.New("exit status 1")}
	}
}

func after(c Cmd, flag string) string { return c.Args[slices.Index(c.Args, flag)+1] }

// fakeUV lays out one file per platform.
func fakeUV(t *testing.T, version string) *Recorder {
	return &Recorder{Reply: func(_ context.Context, c Cmd) error {
		if c.Args[0] == "--version" {
			_, err := io.WriteString(c.Stdout, version)
			return err
		}
		writeFiles(t, after(c, "--target"), map[string]string{"module.py": after(c, "--python-platform")})
		return nil
	}}
}

func someWheels(t *testing.T) Wheels {
	t.Helper()
	top := filepath.Join(t.TempDir(), "ü ö")
	writeFiles(t, top, map[string]string{"lock": "docopt==0.6.2 --hash=sha256:00\nidna==3 --hash=sha256:00\nintel_cmplr_lib.ur==2026.2.0 \\\n    --hash=sha256:00\n"})
	return Wheels{
		UV: UV{Path: "uv"}, Lock: filepath.Join(top, "lock"), Python: "3.13", Out: filepath.Join(top, "out"),
		Platforms: []Platform{{OS: "linux", Arch: "amd64"}, {OS: "linux", Arch: "arm64"}},
		Ledger:    Ledger{Root: top, Dir: filepath.Join(top, "keys")},
	}
}

func TestLayOutWheelsDoesOnlyWhatIsNeeded(t *testing.T) {
	t.Parallel()
	w, version := someWheels(t), "uv 1"
	steps := []struct {
		name   string
		change func()
		built  []bool
	}{
		{"first", func() {}, []bool{true, true}},
		{"again", func() {}, []bool{false, false}},
		{"the lock", func() { writeFiles(t, filepath.Dir(w.Lock), map[string]string{"lock": "idna==4 --hash=sha256:00\n"}) }, []bool{true, true}},
		{"uv", func() { version = "uv 2" }, []bool{true, true}},
		{"Python", func() { w.Python = "3.14" }, []bool{true, true}},
		{"one touched", func() { writeFiles(t, w.Out, map[string]string{"linux-arm64/module.py": "x"}) }, []bool{false, true}},
		{"one removed", func() { _ = os.RemoveAll(filepath.Join(w.Out, "linux-amd64")) }, []bool{true, false}},
	}
	for _, step := range steps {
		step.change()
		laid, err := LayOutWheels(t.Context(), fakeUV(t, version).Run, w)
		if err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		for i, one := range laid {
			if one.Ran() != step.built[i] || one.Platform != w.Platforms[i] {
				t.Errorf("%s: %+v, want built %v", step.name, one, step.built[i])
			}
			tag, _ := one.Platform.Wheel()
			if got, want := readFiles(t, one.Dir), []string{"module.py=" + tag}; !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", step.name, got, want)
			}
		}
	}
}

// TestLayOutWheelsAsksAboutChanges: only what somebody has changed is asked
// about, and an error keeps it.
func TestLayOutWheelsAsksAboutChanges(t *testing.T) {
	t.Parallel()
	w, refuse := someWheels(t), errors.New("that is meant")
	var asked []string
	var answer error
	w.Changed = func(_ context.Context, p Platform, dir string) error {
		asked = append(asked, p.String()+" "+filepath.Base(dir))
		return answer
	}
	layOut := func() error {
		_, err := LayOutWheels(t.Context(), fakeUV(t, "uv 1").Run, w)
		return err
	}
	if err := errors.Join(layOut(), layOut()); err != nil || asked != nil {
		t.Fatalf("asked about %v (%v)", asked, err)
	}
	writeFiles(t, w.Out, map[string]string{"linux-arm64/planted.so": "x"})
	answer = refuse
	if err := layOut(); !errors.Is(err, refuse) || !slices.Equal(asked, []string{"linux/arm64 linux-arm64"}) {
		t.Errorf("asked about %v (%v)", asked, err)
	}
	if got := readFiles(t, filepath.Join(w.Out, "linux-arm64")); len(got) != 2 {
		t.Errorf("it was replaced all the same: %q", got)
	}
	answer = nil
	if err := layOut(); err != nil {
		t.Error(err)
	}
	if got := readFiles(t, filepath.Join(w.Out, "linux-arm64")); len(got) != 1 {
		t.Errorf("it was not laid out anew: %q", got)
	}
	writeFiles(t, filepath.Dir(w.Lock), map[string]string{"lock": "idna==4 --hash=sha256:00\n"})
	writeFiles(t, w.Out, map[string]string{"linux-arm64/planted.so": "x"})
	asked = nil
	if err := layOut(); err != nil || asked != nil {
		t.Errorf("another lock makes new folders, and %v was asked about (%v)", asked, err)
	}
}

func TestLayOutWheelsTakesWheelsOnly(t *testing.T) {
	t.Parallel()
	w, uv := someWheels(t), fakeUV(t, "uv 1")
	if _, err := LayOutWheels(t.Context(), uv.Run, w); err != nil {
		t.Fatal(err)
	}
	for _, cmd := range uv.Cmds()[1:] {
		for _, want := range []string{"--only-binary :all:", "--require-hashes", "--no-deps", "--python-version 3.13", "--link-mode copy"} {
			if !strings.Contains(cmd.String(), want) {
				t.Errorf("uv is run without %q: %s", want, cmd)
			}
		}
	}
}

func TestMissingWheelsAreAllNamed(t *testing.T) {
	t.Parallel()
	w := someWheels(t)
	sdist, arm := recorded(t, "uv/sdist-only.txt"), recorded(t, "uv/no-arm-wheel.txt")
	// As uv does, name one at a time, of those that are in the lock.
	reply := func(ctx context.Context, c Cmd) error {
		if c.Args[0] == "--version" {
			return nil
		}
		lock, err := os.ReadFile(after(c, "--requirements"))
		switch {
		case err != nil:
			return err
		case strings.Contains(string(lock), "docopt=="):
			return failing(sdist)(ctx, c)
		case strings.Contains(string(lock), "intel_cmplr_lib.ur==") && strings.HasPrefix(after(c, "--python-platform"), "aarch64"):
			return failing(arm)(ctx, c)
		}
		return nil
	}
	_, err := LayOutWheels(t.Context(), (&Recorder{Reply: reply}).Run, w)
	var missing *MissingWheelsError
	if !errors.As(err, &missing) {
		t.Fatalf("error %v", err)
	}
	want := []MissingWheel{
		{"docopt", "0.6.2", w.Platforms[0], "it has no wheel that this Python and platform could use, perhaps only its source"},
		{"docopt", "0.6.2", w.Platforms[1], "it has no wheel that this Python and platform could use, perhaps only its source"},
		{"intel-cmplr-lib-ur", "2026.2.0", w.Platforms[1], "it has wheels, but none with a matching platform tag (e.g., manylinux_2_40_aarch64); there are wheels for manylinux_2_28_x86_64, win_amd64"},
	}
	if !slices.Equal(missing.Missing, want) {
		t.Errorf("missing %+v\nwant %+v", missing.Missing, want)
	}
	for _, part := range []string{"docopt 0.6.2 for linux/amd64, linux/arm64", "UV_FIND_LINKS", "leave the platform out", "3.13"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the message lacks %q:\n%v", part, err)
		}
	}
	if _, err := os.Stat(w.Out); err == nil {
		t.Errorf("left behind: %q", readFiles(t, w.Out))
	}
}

func TestLayOutWheelsKeepsTheOldOnesWhenItFails(t *testing.T) {
	t.Parallel()
	tests := []struct{ output, want string }{
		{"wrong-hash", "Hash mismatch"},
		{"offline-cold", "once with the network"},
		{"disk-full", "disk is full"},
		{"no-arm-wheel", "intel-cmplr-lib-ur"}, // though the lock has no such package any more: no endless loop
	}
	for _, test := range tests {
		t.Run(test.output, func(t *testing.T) {
			t.Parallel()
			w := someWheels(t)
			if _, err := LayOutWheels(t.Context(), fakeUV(t, "uv 1").Run, w); err != nil {
				t.Fatal(err)
			}
			before := readFiles(t, w.Out)
			writeFiles(t, filepath.Dir(w.Lock), map[string]string{"lock": "idna==4 --hash=sha256:00\n"})
			_, err := LayOutWheels(t.Context(), (&Recorder{Reply: failing(recorded(t, "uv/"+test.output+".txt"))}).Run, w)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "linux/amd64") {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
			if got := readFiles(t, w.Out); !slices.Equal(got, before) {
				t.Errorf("afterwards there is %q, want %q", got, before)
			}
		})
	}
}

func TestLayOutWheelsInterrupted(t *testing.T) {
	t.Parallel()
	w := someWheels(t)
	ctx, cancel := context.WithCancel(t.Context())
	run := func(ctx context.Context, c Cmd) error {
		err := fakeUV(t, "uv 1").Run(ctx, c) // half of it is there when Ctrl-C comes
		if c.Args[0] == "--version" {
			return err
		}
		cancel()
		return &ToolError{Cmd: c, Err: ctx.Err()}
	}
	if _, err := LayOutWheels(ctx, run, w); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
	if got := readFiles(t, w.Out); len(got) != 0 {
		t.Errorf("left behind: %q", got)
	}
}

func TestLayOutWheelsRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*Wheels)
		want   string
	}{
		{"no platform", func(w *Wheels) { w.Platforms = nil }, "no platform"},
		{"a platform without wheels", func(w *Wheels) { w.Platforms = []Platform{{"linux", "arm", "v7"}} }, "linux/arm/v7"},
		{"no lock", func(w *Wheels) { w.Lock += "x" }, "lockx"},
		{"no place", func(w *Wheels) { w.Out = filepath.Join(w.Lock, "x") }, "lock"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := someWheels(t)
			test.change(&w)
			run := func(ctx context.Context, c Cmd) error {
				if c.Args[0] == "--version" {
					return nil
				}
				return os.MkdirAll(after(c, "--target"), 0o755)
			}
			if _, err := LayOutWheels(t.Context(), run, w); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}
