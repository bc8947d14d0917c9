package kube

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const refused = "The connection to the server 127.0.0.1:6443 was refused - did you specify the right host or port?\n"

// TestWait plays rollouts, a look per second, in no time.
func TestWait(t *testing.T) {
	t.Parallel()
	begun := rollout{image: "web@sha256:1", revision: 2, old: 1, generation: 2, seen: 1, total: 2, serve: 2, oldServe: 2}
	half := begun
	half.seen, half.updated, half.total, half.pods = 2, 1, 3, []string{"web-a n1 Running ready", "web-b - Pending x"}
	done := half
	done.updated, done.total, done.serving = 2, 2, 2
	other := half
	other.image = "web@sha256:2"
	stuck := half
	stuck.condition = "Progressing=False:ReplicaSet \"web-new\" has timed out progressing."
	quota := half
	quota.condition = "ReplicaFailure=True:exceeded quota"
	nowhere := half
	nowhere.pods = []string{"web-a n1 Pending waiting:ImagePullBackOff:manifest unknown"}
	slow := half
	slow.pods = []string{"web-a n1 Pending waiting:ImagePullBackOff:i/o timeout"}
	gone, away := "gone", "away"
	tests := []struct {
		name  string
		looks []any // rollout, gone or away; the last one stays
		err   error
		says  string
		took  time.Duration
	}{
		{"well", []any{begun, half, done}, nil, "", 2 * time.Second},
		{"nothing to wait for", []any{done}, nil, "", 0},
		{"server restarts", []any{half, away, away, done}, nil, "", 3 * time.Second},
		{"server stays away", []any{half, away}, ErrTimeout, "nothing was heard", 11 * time.Second},
		{"never ready", []any{half}, ErrTimeout, "1 of 2 ready", 11 * time.Second},
		{"quota", []any{quota}, ErrTimeout, "exceeded quota", 11 * time.Second},
		{"controller gives up", []any{half, stuck}, ErrFailed, "timed out progressing", time.Second},
		{"no such image", []any{half, nowhere}, ErrFailed, "ImagePullBackOff", time.Second},
		{"registry hangs", []any{half, slow, done}, nil, "", 2 * time.Second},
		{"somebody else", []any{half, other}, ErrReplaced, "web@sha256:2", time.Second},
		{"somebody else before", []any{other}, ErrReplaced, "web@sha256:2", 0},
		{"deleted", []any{half, gone}, ErrReplaced, "deleted", time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				look := 0
				f := &fake{answer: func(string) (string, error) {
					now := tt.looks[min(look, len(tt.looks)-1)]
					look++
					switch now {
					case away:
						return "", said{refused, 1}
					case gone:
						return `{"items":[]}`, nil
					}
					return now.(rollout).json(t), nil
				}}
				began, silent := time.Now(), 0
				s, err := f.cluster().Wait(t.Context(), Goal{Image: "web@sha256:1", Limit: 10 * time.Second}, func(_ State, err error) {
					if err != nil {
						silent++
					}
				})
				if !errors.Is(err, tt.err) || tt.err == nil && err != nil || err != nil && !strings.Contains(err.Error(), tt.says) {
					t.Errorf("got %v, want %v with %q", err, tt.err, tt.says)
				}
				if err == nil && !s.Done() {
					t.Errorf("it ended with %+v", s)
				}
				if took := time.Since(began); took != tt.took {
					t.Errorf("it took %s, want %s", took, tt.took)
				}
				if strings.Contains(tt.name, "server") != (silent > 0) {
					t.Errorf("%d looks without an answer were told", silent)
				}
			})
		})
	}
}

func TestWaitInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		half := rollout{image: "i", revision: 1, generation: 1, seen: 1}.json(t)
		f := &fake{answer: func(string) (string, error) { return half, nil }}
		ctx, cancel := context.WithTimeoutCause(t.Context(), 2500*time.Millisecond, context.Canceled)
		defer cancel()
		s, err := f.cluster().Wait(ctx, Goal{Limit: time.Minute}, func(State, error) {})
		if err == nil || s.Revision != 1 || len(f.lines) != 3 {
			t.Errorf("after %d looks: %+v %v", len(f.lines), s, err)
		}
	})
}

// TestWaitForbidden: what will not change by waiting ends it.
func TestWaitForbidden(t *testing.T) {
	t.Parallel()
	f := &fake{answer: func(string) (string, error) {
		return "", said{`Error from server (Forbidden): pods is forbidden: User "x" cannot list`, 1}
	}}
	if _, err := f.cluster().Wait(t.Context(), Goal{Limit: time.Minute}, func(State, error) {}); !errors.Is(err, ErrForbidden) {
		t.Errorf("got %v", err)
	}
}

func TestRollback(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		good := rollout{image: "old", revision: 3, generation: 3, seen: 3, updated: 2, serve: 2, total: 2}.json(t)
		undone := 0
		f := &fake{answer: func(line string) (string, error) {
			if strings.HasPrefix(line, "rollout undo") {
				if undone++; undone < 3 {
					return "", said{refused, 1}
				}
				return "rolled back", nil
			}
			return good, nil
		}}
		s, err := f.cluster().Rollback(t.Context(), 1, time.Minute, func(State, error) {})
		if err != nil || s.Revision != 3 || !strings.Contains(f.lines[0], "deployment/web --to-revision=1 --namespace=shop") && !strings.Contains(f.lines[0], "--to-revision=1") {
			t.Errorf("%q: %+v %v", f.lines, s, err)
		}
		f.answer = func(string) (string, error) {
			return "", said{"error: unable to find specified revision 1 in history", 1}
		}
		if _, err := f.cluster().Rollback(t.Context(), 1, time.Minute, nil); err == nil || !strings.Contains(err.Error(), "going back to revision 1") {
			t.Errorf("got %v", err)
		}
	})
}
