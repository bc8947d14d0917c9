package xbuild

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestUIForReal builds the UI of this repository, from a copy, as it is at a stranger's place: in a folder with a space and an umlaut.
func TestUIForReal(t *testing.T) {
	t.Parallel()
	online(t)
	top := filepath.Join(t.TempDir(), "größer als 'x'")
	ui := UI{
		Dir: filepath.Join(top, "ui-src"), Out: filepath.Join(top, "core", "ui"), State: filepath.Join(top, "dist", "ui"),
		Npm: found(t, Tool{Name: "npm"}), Node: found(t, Tool{Name: "node"}), Log: t.Output(),
		Ledger: Ledger{Dir: filepath.Join(top, "dist", "keys"), Root: top, Environ: os.Environ()},
	}
	for _, name := range []string{"src", "public"} {
		from := filepath.Join("..", "..", "ui-src", name)
		if _, err := os.Stat(from); err != nil {
			continue
		}
		if err := os.CopyFS(filepath.Join(ui.Dir, name), os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"package.json", "package-lock.json", "index.html", "tsconfig.json", "vite.config.ts"} {
		content, err := os.ReadFile(filepath.Join("..", "..", "ui-src", name))
		if err != nil {
			t.Fatal(err)
		}
		writeFiles(t, ui.Dir, map[string]string{name: string(content)})
	}
	run := Exec(os.Environ())
	first, err := BuildUI(t.Context(), run, ui)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	second, err := BuildUI(t.Context(), run, ui)
	t.Logf("%+v; nothing to do: %v", first, time.Since(start))
	if err != nil || second.Ran() || !first.Ran() || second.Files != first.Files {
		t.Errorf("the second time: %+v, %v; the first: %+v", second, err, first)
	}
	before, err := HashTree(os.DirFS(ui.Out))
	if err != nil {
		t.Fatal(err)
	}
	writeFiles(t, ui.Dir, map[string]string{"index.html": `<script type="module" src="/src/nowhere.tsx"></script>`})
	if _, err := BuildUI(t.Context(), run, ui); err == nil {
		t.Error("broken sources were built")
	} else {
		t.Log(err)
	}
	if after, err := HashTree(os.DirFS(ui.Out)); err != nil || after != before {
		t.Errorf("the failed build changed the output: %v", err)
	}
}
