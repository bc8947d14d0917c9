//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// begin starts a deployment and waits until the word is in what it says.
func (p target) begin(word string, args ...string) (*exec.Cmd, *output) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), 3*time.Minute)
	p.t.Cleanup(cancel)
	cmd, out := p.command(ctx, args...), &output{}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	err := await(ctx, time.Minute, func(context.Context) error {
		if !contains(out.String(), word) {
			return fmt.Errorf("it does not say %q:\n%s", word, out)
		}
		return nil
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return cmd, out
}

// TestDeployInterrupt: Ctrl-C stops the waiting, and says what was left.
func TestDeployInterrupt(t *testing.T) {
	p := deployTo(t, "interrupted")
	p.must(t, p.args("good", "v1")...)
	cmd, out := p.begin("not ready", p.args("never-ready", "v1")...)
	began := time.Now()
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if took := time.Since(began); cmd.ProcessState.ExitCode() != 130 || took > 5*time.Second {
		t.Errorf("exit code %d after %s", cmd.ProcessState.ExitCode(), took)
	}
	r := result{out: out.String()}
	r.has(t, "interrupted", "revision 2 is applied, 0 of 2 ready", "rollout undo", "rollout status")
	if d := p.live(); !d.runs("never-ready") || d.Status.AvailableReplicas != 2 {
		t.Errorf("not as it was said to be left: %+v", d)
	}
}

// TestDeployAPIServerRestarts: an API server that goes away in the middle of a
// rollout is waited for.
func TestDeployAPIServerRestarts(t *testing.T) {
	p := deployTo(t, "restart")
	p.must(t, p.args("good", "v1")...)
	cmd, out := p.begin("start  rollout", p.args("slow", "v1")...)
	p.cluster.kill("kube-apiserver")
	err := await(t.Context(), 20*time.Second, func(context.Context) error {
		if !contains(out.String(), "does not answer") {
			return fmt.Errorf("nobody noticed:\n%s", out)
		}
		return nil
	})
	if serr := p.cluster.startAPI(); serr != nil {
		t.Fatal(serr)
	}
	if err != nil {
		t.Error(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	result{out: out.String()}.has(t, "answers again", "2 of 2 ready")
	if d := p.live(); !d.runs("slow") || d.Status.AvailableReplicas != 2 {
		t.Errorf("%+v", d)
	}
}

// TestDeployTwoAtOnce: the later one wins; the other says so and takes nothing
// back.
func TestDeployTwoAtOnce(t *testing.T) {
	p := deployTo(t, "crowded")
	p.must(t, p.args("good", "v1")...)
	var done sync.WaitGroup
	results := make([]result, 2)
	for i, tag := range []string{"v1", "v2"} {
		done.Go(func() { results[i] = p.mage(t, p.args("slow", tag)...) })
	}
	done.Wait()
	winner, loser := results[0], results[1]
	if winner.code != 0 {
		winner, loser = loser, winner
	}
	if winner.code != 0 || loser.code != 1 {
		t.Fatalf("exit codes %d and %d\n%s\n%s", results[0].code, results[1].code, results[0].out, results[1].out)
	}
	loser.has(t, "another deployment has replaced this one", "takes nothing back")
	d := p.live()
	_, digest, _ := strings.Cut(d.Spec.Template.Spec.Containers[0].Image, "@")
	if !d.runs("slow") || !strings.Contains(winner.out, digest) || d.Status.AvailableReplicas != 2 {
		t.Errorf("what runs is not the winner's: %+v\n%s", d, winner.out)
	}
}

// TestDeployCordon: nodes that are closed while pods are on their way.
func TestDeployCordon(t *testing.T) {
	p := deployTo(t, "cordoned")
	p.must(t, p.args("good", "v1")...)
	cmd, out := p.begin("pod noetl-", p.args("slow", "v1")...)
	p.only("amd64")
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if n := p.arches(); n["amd64"] < 1 {
		t.Errorf("no pod on the nodes that are left: %v", n)
	}
	if d := p.live(); !d.runs("slow") || d.Status.AvailableReplicas != 2 {
		t.Errorf("%+v", d)
	}
}
