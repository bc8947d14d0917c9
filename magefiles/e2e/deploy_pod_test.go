//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// podSpec is what the API server has of a pod, as far as a container engine can be
// told it. Security contexts are decoded strictly: a setting that this test does
// not pass on must not go unnoticed.
type podSpec struct {
	SecurityContext json.RawMessage
	Containers      []struct {
		Image, Name    string
		Command, Args  []string
		EnvFrom        []struct{ ConfigMapRef struct{ Name string } }
		Ports          []struct{ ContainerPort int }
		Resources      struct{ Limits struct{ Memory string } }
		ReadinessProbe struct{ HTTPGet struct{ Path string } }
		VolumeMounts   []struct{ Name, MountPath string }

		SecurityContext json.RawMessage
	}
	Volumes []struct {
		Name     string
		EmptyDir *struct{ SizeLimit string }
	}
}

type podSecurity struct {
	RunAsNonRoot                   bool
	RunAsUser, RunAsGroup, FSGroup int
	SeccompProfile                 struct{ Type string }
}

type containerSecurity struct {
	AllowPrivilegeEscalation *bool
	ReadOnlyRootFilesystem   bool
	Capabilities             struct{ Drop, Add []string }
}

func strictly[T any](t *testing.T, raw json.RawMessage) T {
	t.Helper()
	var v T
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("a setting that is not passed on: %v", err)
	}
	return v
}

// TestDeployedPod runs what was deployed, as the API server has it, in a real
// engine on both architectures, with exactly the settings of the pod.
func TestDeployedPod(t *testing.T) {
	repository := push(t)
	p := deployTo(t, "real")
	p.must(t, "deploy", "-image="+repository+":t1", "-context=test", "-namespace=real")
	spec := decode[podSpec](t, p.kubectl("get", "deployment", "noetl", "--output=jsonpath={.spec.template.spec}"))
	if len(spec.Containers) != 1 {
		t.Fatalf("%d containers", len(spec.Containers))
	}
	made := world.main.result(t)
	if want := repository + "@" + made.Digest; spec.Containers[0].Image != want {
		t.Errorf("deployed is %s, and %s was pushed", spec.Containers[0].Image, want)
	}
	flags, path := p.engineFlags(spec)
	for _, built := range made.Platforms {
		platform := built.Platform
		t.Run(platform, func(t *testing.T) {
			emulation(t, platform)
			// What a node takes out of the index; an engine keeps one image per digest, and here is one for both.
			id, base := container(t, append(append([]string{"--platform", platform}, flags...), repository+"@"+built.Digest)...)
			if path != "/api/health" {
				t.Errorf("the probe asks for %q", path)
			}
			began := time.Now()
			healthy(t, base, 9*time.Minute) // emulated, on a busy machine
			t.Logf("healthy after %.1f s", time.Since(began).Seconds())
			confined(t, id)
			stops(t, id)
		})
	}
}

// engineFlags says the same to the engine as the pod says to a kubelet.
func (p target) engineFlags(spec podSpec) (flags []string, path string) {
	t, c := p.t, spec.Containers[0]
	pod, own := strictly[podSecurity](t, spec.SecurityContext), strictly[containerSecurity](t, c.SecurityContext)
	if !pod.RunAsNonRoot || pod.SeccompProfile.Type != "RuntimeDefault" || own.AllowPrivilegeEscalation == nil || *own.AllowPrivilegeEscalation ||
		!own.ReadOnlyRootFilesystem || fmt.Sprint(own.Capabilities.Drop) != "[ALL]" || own.Capabilities.Add != nil || c.Command != nil || c.Args != nil {
		t.Fatalf("not the restricted pod, with the image's own command, that it should be: %+v %+v %+v", pod, own, c)
	}
	flags = []string{ // the engine's own seccomp profile is what RuntimeDefault means
		"--user", fmt.Sprintf("%d:%d", pod.RunAsUser, pod.RunAsGroup), "--group-add", fmt.Sprint(pod.FSGroup),
		"--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
		"--memory", strings.TrimSuffix(c.Resources.Limits.Memory, "i"),
	}
	for _, m := range c.VolumeMounts {
		for _, v := range spec.Volumes {
			if v.Name == m.Name && v.EmptyDir != nil {
				flags = append(flags, "--tmpfs", m.MountPath+":rw,exec,size="+strings.TrimSuffix(v.EmptyDir.SizeLimit, "i"))
			}
		}
	}
	for _, from := range c.EnvFrom {
		data := decode[map[string]string](t, p.kubectl("get", "configmap", from.ConfigMapRef.Name, "--output=jsonpath={.data}"))
		for name, value := range data {
			flags = append(flags, "--env", name+"="+value)
		}
	}
	return flags, c.ReadinessProbe.HTTPGet.Path
}

// confined asks the process itself what it may do.
func confined(t *testing.T, id string) {
	t.Helper()
	script := `
import os, tempfile
status = dict(line.split(":", 1) for line in open("/proc/1/status"))
print(status["CapEff"].strip(), status["CapBnd"].strip(), status["NoNewPrivs"].strip(), status["Uid"].split()[0], status["Seccomp"].strip())
tempfile.NamedTemporaryFile().write(b"x")
try:
    open("/home/noetl/x", "w")
    print("writable")
except OSError:
    print("read-only")
`
	got := strings.Fields(docker(t, "exec", id, "python3.13", "-c", script))
	zero := strings.Repeat("0", 16)
	if want := []string{zero, zero, "1", "10001", "2", "read-only"}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("capabilities, no-new-privileges, user, seccomp, root: %v, want %v", got, want)
	}
}
