package xbuild

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Cargo takes rustc's flags from one of four places, the first that is set:
// CARGO_ENCODED_RUSTFLAGS, RUSTFLAGS, target.TRIPLE.rustflags and
// target.'cfg(…)'.rustflags together, build.rustflags. Adding ours must not
// make cargo forget the caller's, so they go to the place that counts.

// flagSeparator is what CARGO_ENCODED_RUSTFLAGS has between its flags.
const flagSeparator = "\x1f"

// cargoConfig is the part of `cargo config get --format json` that we use.
type cargoConfig struct {
	Build struct {
		Rustflags flagList `json:"rustflags"`
	} `json:"build"`
	Target map[string]targetConfig `json:"target"`
}

type targetConfig struct {
	Rustflags flagList `json:"rustflags"`
	Linker    any      `json:"linker"`
}

// flagList is an array of flags, or one string with spaces between them. Cargo
// joins arrays, but of two strings it takes the last, and never joins the two
// kinds.
type flagList struct {
	flags []string
	text  bool // it is one string
}

func (l *flagList) UnmarshalJSON(data []byte) error {
	var s string
	if json.Unmarshal(data, &s) == nil {
		l.flags, l.text = strings.Fields(s), true
		return nil
	}
	return json.Unmarshal(data, &l.flags)
}

// configCmd asks cargo for its merged configuration files, which is an unstable
// command, hence the variable.
func configCmd(b RustBuild, tc Toolchain) Cmd {
	return Cmd{
		Name: tc.rustc.cargo,
		Args: []string{"-Zunstable-options", "config", "get", "--format", "json"},
		Dir:  b.Dir,
		Env:  append(toolEnv(b, tc), "RUSTC_BOOTSTRAP=1"),
	}
}

// rustflags adds flags to the caller's: as environment if they come from there,
// else as --config arguments, which cargo joins with its configuration files.
// own are one triple's alone; the environment has one place for all triples, so
// there they are only added if they are the same for each.
func rustflags(getenv func(string) string, config cargoConfig, triples, add []string, own func(triple string) []string) (env, args []string) {
	var flags []string
	switch {
	case getenv("CARGO_ENCODED_RUSTFLAGS") != "":
		flags = strings.Split(getenv("CARGO_ENCODED_RUSTFLAGS"), flagSeparator)
	case getenv("RUSTFLAGS") != "":
		flags = strings.Fields(getenv("RUSTFLAGS"))
	}
	if flags != nil {
		if !slices.ContainsFunc(triples, func(t string) bool { return !slices.Equal(own(t), own(triples[0])) }) {
			add = slices.Concat(add, own(triples[0]))
		}
		return []string{"CARGO_ENCODED_RUSTFLAGS=" + strings.Join(slices.Concat(flags, add), flagSeparator)}, nil
	}
	for _, t := range triples {
		flags := slices.Concat(add, own(t))
		if !config.hasTargetFlags(t) && getenv("CARGO_TARGET_"+envTriple(t)+"_RUSTFLAGS") == "" {
			build := slices.Concat(config.Build.Rustflags.flags, strings.Fields(getenv("CARGO_BUILD_RUSTFLAGS")))
			flags = slices.Concat(build, flags)
		}
		value := tomlArray(flags)
		if set := config.Target[t].Rustflags; set.text {
			value = tomlString(strings.Join(slices.Concat(set.flags, flags), " "))
		}
		args = append(args, "--config", fmt.Sprintf("target.%s.rustflags=%s", t, value))
	}
	return nil, args
}

// joins refuses a configuration that flags cannot be added to: one of them has
// a space in it, as a folder may have, and a string has no way to write that.
func (c cargoConfig) joins(triples, flags []string) error {
	spaced := slices.IndexFunc(flags, func(f string) bool { return strings.ContainsAny(f, " \t\n") })
	for _, t := range triples {
		if spaced >= 0 && c.Target[t].Rustflags.text {
			return fmt.Errorf("adding %q to target.%s.rustflags of cargo's configuration: that is one string, whose flags cannot have spaces in them; write it as an array: rustflags = %s",
				flags[spaced], t, tomlArray(c.Target[t].Rustflags.flags))
		}
	}
	return nil
}

// hasTargetFlags is also true for any cfg(…), which only cargo could evaluate;
// then build.rustflags do not count, or the cfg does not match and neither do.
func (c cargoConfig) hasTargetFlags(triple string) bool {
	for key, t := range c.Target {
		if len(t.Rustflags.flags) > 0 && (key == triple || strings.HasPrefix(key, "cfg(")) {
			return true
		}
	}
	return false
}

// tomlArray writes strings as TOML.
func tomlArray(list []string) string {
	var out []string
	for _, s := range list {
		out = append(out, tomlString(s))
	}
	return "[" + strings.Join(out, ",") + "]"
}

// tomlString writes one. JSON's escapes are all TOML's too.
func tomlString(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always encodes
	return strings.TrimSpace(b.String())
}
