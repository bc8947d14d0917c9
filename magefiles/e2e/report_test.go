//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// watcher runs in the page before anything of its own, and notes what it should
// not do. Its policy makes the browser refuse requests, which is noted as well.
const watcher = `window.__seen = [];
	for (const name of ["error", "warn"]) {
		const was = console[name];
		console[name] = (...args) => { window.__seen.push("console: " + args.join(" ")); was(...args); };
	}
	addEventListener("error", e => window.__seen.push("error: " + (e.message || e.target)), true);
	addEventListener("unhandledrejection", e => window.__seen.push("rejected: " + e.reason));
	document.addEventListener("securitypolicyviolation", e => window.__seen.push("refused: " + e.violatedDirective + " " + e.blockedURI));`

// requests are what the page has asked for beside itself.
const requests = `performance.getEntriesByType("resource").map(e => e.name).join(" ")`

// TestReport: the build's page opens in a browser without network, on a phone
// and on a desk, by day and by night, and everything in it can be read.
func TestReport(t *testing.T) {
	c := images(t)
	c.must(t, "images", "-tag=report")
	file := c.path("dist/report.html")
	html, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	made := c.result(t)
	for _, want := range append([]string{made.Digest, made.Platforms[0].Digest, "uvloop", "libc6"}, platforms()...) {
		if !strings.Contains(string(html), want) {
			t.Errorf("the report does not say %q", want)
		}
	}
	b := openBrowser(t)
	call[struct{}](t, b, "Page.enable", nil)
	call[struct{}](t, b, "Page.addScriptToEvaluateOnNewDocument", map[string]any{"source": watcher})
	call[struct{}](t, b, "Network.emulateNetworkConditions", map[string]any{"offline": true, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0})
	for _, view := range []struct {
		width int
		dark  bool
	}{{400, false}, {400, true}, {1400, false}, {1400, true}} {
		name := fmt.Sprintf("report-%d-%s", view.width, map[bool]string{false: "light", true: "dark"}[view.dark])
		t.Run(name, func(t *testing.T) {
			b.open(t, (&url.URL{Scheme: "file", Path: filepath.ToSlash(file)}).String(), view.width, view.dark)
			b.text(t, "Inputs and digests")
			b.readable(t, view.width)
			b.photograph(t, name)
			b.eval(t, `document.querySelectorAll("details").forEach(d => d.open = true)`)
			b.readable(t, view.width)
			b.accessible(t, c.path("ui-src/node_modules/axe-core/axe.min.js"))
		})
	}
}

// readable checks that a page is quiet, asks for nothing, and shows all of its
// text on a screen of that width.
func (b *browser) readable(t *testing.T, width int) {
	t.Helper()
	if seen := b.eval(t, `window.__seen.join("\n")`); seen != "" {
		t.Errorf("the page complains:\n%s", seen)
	}
	if asked := b.eval(t, requests); asked != "" {
		t.Errorf("the page asks for %s", asked)
	}
	wide, err := strconv.ParseFloat(b.eval(t, "document.documentElement.scrollWidth"), 64)
	if err != nil || wide > float64(width) {
		t.Errorf("the page is %v pixels wide on a screen of %d", wide, width)
	}
	// What is shown ends within the screen, or within the part that scrolls; text ends within its own element.
	cut := b.eval(t, fmt.Sprintf(`[...document.body.querySelectorAll("*")].filter(e => {
		const r = e.getBoundingClientRect(), s = e.closest(".scroll");
		if (e.closest(".hidden, .skip, defs, title, desc") || s && s !== e && s.scrollWidth > s.clientWidth || r.width === 0) return false;
		return r.right > %d + 1 || r.left < -1 || e.matches(".name, h1, h2, dd, dt, summary, th, figcaption") && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0;
	}).slice(0, 20).map(e => e.tagName + " " + (e.getAttribute("class") || "") + " to " + e.getBoundingClientRect().right + ": " + e.textContent.trim().slice(0, 60)).join("\n")`, width))
	if cut != "" {
		t.Errorf("cut off:\n%s", cut)
	}
}

// accessible asks axe-core, which the web UI's own tests use: contrast, names
// and roles, headings, order.
func (b *browser) accessible(t *testing.T, axe string) {
	t.Helper()
	source, err := os.ReadFile(axe)
	need(t, err == nil, "axe-core, which comes with the web UI's packages: %v", err)
	b.eval(t, string(source)+";1")
	b.eval(t, `window.__axe = null; axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}).then(
		r => { window.__axe = r.violations.map(v => v.id + ": " + v.help + " " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 150) + " " + n.failureSummary).join(" ; ")).join("\n"); },
		e => { window.__axe = "axe: " + e; }); 1`)
	for deadline := time.Now().Add(time.Minute); b.eval(t, "window.__axe === null") == "true"; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("axe-core does not come to an end")
		}
	}
	if found := b.eval(t, "window.__axe"); found != "" {
		t.Errorf("not everyone can read the page:\n%s", found)
	}
}

// TestHangup: closing the terminal in the middle of a build ends the tools as
// Ctrl-C does, and the report says that it was interrupted.
func TestHangup(t *testing.T) {
	c := images(t)
	before, err := os.ReadFile(c.path("dist/report.html"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.WriteFile(c.path("dist/report.html"), before, 0o644) })
	target := t.TempDir() // empty: there is something to compile
	work := c.with("CARGO_TARGET_DIR=" + target)
	out, _, _ := signalled(t, work, syscall.SIGHUP, func(string) bool { return len(processes("", target, "rustc", "--crate-name")) > 0 })
	err = await(t.Context(), 6*time.Second, func(context.Context) error {
		if left := append(processes(c.dir), processes("", target)...); len(left) > 0 {
			return fmt.Errorf("still running: %v", left)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	html, err := os.ReadFile(c.path("dist/report.html"))
	if err != nil || !strings.Contains(string(html), `class="verdict interrupted"`) {
		t.Errorf("the report does not say that it was interrupted: %v\n%s", err, out)
	}
}
