package oci

import (
	"maps"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// mergeConfig lays c over the config of a base image.
func mergeConfig(base v1.Config, c Config) v1.Config {
	out := *base.DeepCopy()
	if len(c.Entrypoint) > 0 {
		out.Entrypoint, out.Cmd = slices.Clone(c.Entrypoint), nil
	}
	if len(c.Cmd) > 0 {
		out.Cmd = slices.Clone(c.Cmd)
	}
	out.Env = mergeEnv(out.Env, c.Env)
	out.User = or(c.User, out.User)
	out.WorkingDir = or(c.WorkingDir, out.WorkingDir)
	out.StopSignal = or(c.StopSignal, out.StopSignal)
	out.ExposedPorts = addKeys(out.ExposedPorts, c.Ports)
	out.Volumes = addKeys(out.Volumes, c.Volumes)
	if len(c.Labels) > 0 {
		if out.Labels == nil {
			out.Labels = make(map[string]string)
		}
		maps.Copy(out.Labels, c.Labels)
	}
	// Traces of the container that the base was committed from.
	out.Hostname, out.Domainname, out.Image = "", "", ""
	return out
}

// mergeEnv replaces variables of the base where they stand and appends new ones
// by name: later entries may refer to earlier ones only in shells, but people
// compare the lists.
func mergeEnv(base []string, add map[string]string) []string {
	var out []string
	seen := make(map[string]bool)
	for _, pair := range base {
		name, _, _ := strings.Cut(pair, "=")
		if value, ok := add[name]; ok {
			pair = name + "=" + value
			seen[name] = true
		}
		out = append(out, pair)
	}
	for _, name := range slices.Sorted(maps.Keys(add)) {
		if !seen[name] {
			out = append(out, name+"="+add[name])
		}
	}
	return out
}

func addKeys(set map[string]struct{}, keys []string) map[string]struct{} {
	for _, key := range keys {
		if set == nil {
			set = make(map[string]struct{})
		}
		set[key] = struct{}{}
	}
	return set
}

func or(first, second string) string {
	if first != "" {
		return first
	}
	return second
}
