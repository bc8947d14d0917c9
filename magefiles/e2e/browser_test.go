//go:build e2e

package e2e

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// browser is a headless Chromium with one page, spoken to in the DevTools
// protocol over a pipe: JSON messages that end with a zero byte.
type browser struct {
	to      io.Writer
	from    *bufio.Reader
	session string
	last    int
}

// openBrowser starts Chromium; it ends with the test.
func openBrowser(t *testing.T) *browser {
	t.Helper()
	needTools(t, "chromium")
	profile := t.TempDir()
	theirIn, ourOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ourIn, theirOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-proxy-server",
		"--user-data-dir="+profile, "--remote-debugging-pipe", "about:blank")
	cmd.ExtraFiles = []*os.File{theirIn, theirOut} // the protocol's file descriptors 3 and 4
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatalf("starting chromium: %v", err)
	}
	_, _ = theirIn.Close(), theirOut.Close()
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
		_, _ = ourIn.Close(), ourOut.Close()
	})
	if err := ourIn.SetReadDeadline(time.Now().Add(3 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	b := &browser{to: ourOut, from: bufio.NewReader(ourIn)}
	target := call[struct{ TargetID string }](t, b, "Target.createTarget", map[string]any{"url": "about:blank"})
	b.session = call[struct{ SessionID string }](t, b, "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}).SessionID
	return b
}

// call sends a command and waits for its answer; events in between are dropped.
func call[T any](t *testing.T, b *browser, method string, params map[string]any) T {
	t.Helper()
	b.last++
	message := map[string]any{"id": b.last, "method": method, "params": params}
	if b.session != "" {
		message["sessionId"] = b.session
	}
	raw, err := json.Marshal(message)
	if err == nil {
		_, err = b.to.Write(append(raw, 0))
	}
	for err == nil {
		var answer struct {
			ID     int
			Result T
			Error  *struct{ Message string }
		}
		if raw, err = b.from.ReadBytes(0); err != nil {
			break
		}
		if err = json.Unmarshal(raw[:len(raw)-1], &answer); err != nil || answer.ID != b.last {
			continue
		}
		if answer.Error != nil {
			err = fmt.Errorf("%s", answer.Error.Message)
			break
		}
		return answer.Result
	}
	t.Fatalf("chromium, %s: %v", method, err)
	panic("not reached")
}

// open shows a page at a width, in CSS pixels.
func (b *browser) open(t *testing.T, url string, width int, dark bool) {
	t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	call[struct{}](t, b, "Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600})
	call[struct{}](t, b, "Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}})
	call[struct{}](t, b, "Page.navigate", map[string]any{"url": url})
}

// eval is the value of a JavaScript expression in the page, as a string.
func (b *browser) eval(t *testing.T, expression string) string {
	t.Helper()
	r := call[struct{ Result struct{ Value any } }](t, b, "Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true})
	return fmt.Sprint(r.Result.Value)
}

// text is what people read, once it contains the word.
func (b *browser) text(t *testing.T, word string) string {
	t.Helper()
	var text string
	for deadline := time.Now().Add(30 * time.Second); ; {
		if text = b.eval(t, "document.body ? document.body.innerText : ''"); strings.Contains(text, word) {
			return text
		}
		if time.Now().After(deadline) {
			t.Fatalf("the page does not say %q; it says:\n%s", word, text)
		}
		// The page asks its server by itself; the protocol has no event for that.
		b.eval(t, "new Promise(done => setTimeout(done, 100))")
	}
}

// photograph saves the page as dist/e2e/NAME.png of this repository.
func (b *browser) photograph(t *testing.T, name string) {
	t.Helper()
	shot := call[struct{ Data string }](t, b, "Page.captureScreenshot", map[string]any{"format": "png", "captureBeyondViewport": true})
	png, err := base64.StdEncoding.DecodeString(shot.Data)
	dir := filepath.Join(world.repo, "dist", "e2e")
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644)
	}
	if err != nil || len(png) < 5000 {
		t.Fatalf("photographing the page: %d bytes, %v", len(png), err)
	}
}
