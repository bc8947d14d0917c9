package kube

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestState(t *testing.T) {
	t.Parallel()
	r := rollout{
		image: "i", revision: 4, old: 3, generation: 7, seen: 7, updated: 1, serve: 2, total: 3, oldServe: 2,
		pods: []string{"web-b n2 Running ready", "web-a n1 Pending waiting:CrashLoopBackOff:back-off password=x"},
	}
	f := &fake{answer: func(string) (string, error) { return r.json(t), nil }}
	s, err := f.cluster().State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !s.Exists || s.Revision != 4 || s.Serving != 3 || !s.Current || s.Done() || s.Ready() != 1 || s.Progress() != "1 of 2 ready" {
		t.Errorf("%+v", s)
	}
	if len(s.Pods) != 2 || s.Pods[0].Name != "web-a" || s.Pods[0].Word() != "CrashLoopBackOff" || s.Pods[0].Message != "back-off password=***" {
		t.Errorf("%+v", s.Pods)
	}
	if got := f.lines[0]; got != "get deployments.apps,replicasets.apps,pods --selector=app=web --namespace=shop --output=json "+requestTimeout {
		t.Errorf("asked %q", got)
	}
	f.answer = func(string) (string, error) { return `{"items":[]}`, nil }
	if s, err := f.cluster().State(t.Context()); err != nil || s.Exists {
		t.Errorf("nothing there: %+v %v", s, err)
	}
	f.answer = func(string) (string, error) { return "<html>", nil }
	if _, err := f.cluster().State(t.Context()); err == nil {
		t.Error("no JSON, and no error")
	}
}

// TestPod: what a kubelet says of a pod, in a word and with hope or without.
func TestPod(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ raw, word, hopeless string }{
		{`{"status":{"phase":"Pending"}}`, "starting", ""},
		{`{"status":{"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable","message":"0/4 nodes"}]}}`, "no node for it", ""},
		{`{"status":{"phase":"Running"}}`, "not ready", ""},
		{`{"metadata":{"deletionTimestamp":"x"},"status":{"phase":"Running"}}`, "ending", ""},
		{`{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}`, "ready", ""},
		{`{"status":{"containerStatuses":[{"state":{"waiting":{"reason":"ContainerCreating"}}}]}}`, "ContainerCreating", ""},
		{`{"status":{"containerStatuses":[{"state":{"waiting":{"reason":"ErrImagePull","message":"no match for platform in manifest"}}}]}}`, "ErrImagePull", "ErrImagePull"},
		{`{"status":{"containerStatuses":[{"state":{"waiting":{"reason":"ImagePullBackOff","message":"dial tcp: i/o timeout"}}}]}}`, "ImagePullBackOff", ""},
		{`{"status":{"containerStatuses":[{"restartCount":1,"state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}}`, "CrashLoopBackOff", ""},
		{`{"status":{"containerStatuses":[{"restartCount":4,"state":{"waiting":{"reason":"CrashLoopBackOff"}},"lastState":{"terminated":{"reason":"Error","exitCode":137}}}]}}`, "CrashLoopBackOff", "4 times"},
		{`{"status":{"phase":"Failed","reason":"Evicted","message":"low on memory"}}`, "Evicted", ""},
		{`{"status":{"containerStatuses":[{"state":{"terminated":{"exitCode":1,"reason":"Error"}}}]}}`, "Error", ""},
	} {
		var raw rawPod
		if err := json.Unmarshal([]byte(tt.raw), &raw); err != nil {
			t.Fatal(err)
		}
		p := raw.pod()
		if p.Word() != tt.word || (p.Hopeless() == "") != (tt.hopeless == "") || !strings.Contains(p.Hopeless(), tt.hopeless) {
			t.Errorf("%s: %q, hopeless %q", tt.raw, p.Word(), p.Hopeless())
		}
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	p := Progress{Arches: map[string]string{"n1": "arm64"}}
	s := State{Wanted: 2, Pods: []Pod{{Name: "a", Node: "n1", Reason: "starting"}, {Name: "b"}}}
	want := func(s State, err error, lines ...string) {
		t.Helper()
		if got := p.Lines(s, err); strings.Join(got, "|") != strings.Join(lines, "|") {
			t.Errorf("got %q, want %q", got, lines)
		}
	}
	want(s, nil, "pod a on n1 (arm64): starting", "pod b: waiting for a node")
	want(s, nil)
	want(s, ErrUnreachable, "the cluster does not answer; still trying")
	want(s, ErrUnreachable)
	s.Pods[0].Ready, s.Trouble = true, "quota"
	s.Pods[1].Node = "n9"
	s.Pods[1].Reason = "x"
	want(s, nil, "the cluster answers again", "no pod can be made: quota", "pod a on n1 (arm64): ready", "pod b on n9 (?): x")
}

func TestExplain(t *testing.T) {
	t.Parallel()
	f := &fake{answer: func(line string) (string, error) {
		switch {
		case strings.Contains(line, "get events"):
			return `{"items":[
{"reason":"Late","message":"b","lastTimestamp":"2026-01-01T00:00:02Z","involvedObject":{"kind":"Pod","name":"web-a"}},
{"reason":"Early","message":"token: abcdef","lastTimestamp":"2026-01-01T00:00:01Z","involvedObject":{"kind":"ReplicaSet","name":"web-new"}},
{"reason":"Late","message":"b","lastTimestamp":"2026-01-01T00:00:03Z","involvedObject":{"kind":"Pod","name":"web-a"}},
{"reason":"Other","message":"b","involvedObject":{"kind":"Pod","name":"stranger"}}]}`, nil
		case strings.Contains(line, "--previous"):
			return "starting\nAuthorization: Bearer abcdefgh\n", nil
		}
		return "", said{"container is waiting", 1}
	}}
	e := f.cluster().Explain(t.Context(), State{Sets: []string{"web-new"}, Pods: []Pod{
		{Name: "web-a", Node: "n1", Restarts: 2, Reason: "CrashLoopBackOff"}, {Name: "web-b", Ready: true}, {Name: "web-c"},
	}})
	if len(e.Pods) != 2 || strings.Join(e.Events, "|") != "replicaset web-new: Early: token: ***|pod web-a: Late: b" {
		t.Errorf("%+v", e)
	}
	if len(e.Logs) != 1 || strings.Join(e.Logs[0].Lines, "|") != "starting|Authorization: Bearer ***" {
		t.Errorf("%+v", e.Logs)
	}
}
