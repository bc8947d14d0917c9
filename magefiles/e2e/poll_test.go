//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"
)

// await asks until the answer is nil. What it waits for has no event that could
// be listened to.
func await(ctx context.Context, limit time.Duration, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		err := ask(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("not within %s: %w", limit, err)
		case <-tick.C:
		}
	}
}

// get is one HTTP request; anything but 200 is an error.
func get(ctx context.Context, url string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	// A proxy of this machine's has no way to our own ports.
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", url, resp.Status, body)
	}
	return string(body), err
}

// getJSON is one HTTP request, decoded; failing is the test's failure.
func getJSON[T any](t *testing.T, url string) T {
	t.Helper()
	var v T
	body, err := get(t.Context(), url)
	if err == nil {
		err = json.Unmarshal([]byte(body), &v)
	}
	if err != nil {
		t.Fatalf("asking %s: %v", url, err)
	}
	return v
}

// healthy waits for a server of ours.
func healthy(t *testing.T, base string, limit time.Duration) {
	t.Helper()
	err := await(t.Context(), limit, func(ctx context.Context) error {
		body, err := get(ctx, base+"/api/health")
		if err != nil {
			return err
		}
		var health struct{ Status string }
		if err := json.Unmarshal([]byte(body), &health); err != nil || health.Status != "ok" {
			return fmt.Errorf("health is %q: %w", body, err)
		}
		return nil
	})
	if err != nil {
		t.Fatalf("waiting for %s: %v", base, err)
	}
}

// freePort is a port of 127.0.0.1 on which nobody listens now.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port, nil
}
