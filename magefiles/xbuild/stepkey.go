package xbuild

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Kinds of inputs, for people and for tests.
const (
	FileInput   = "file"        // of the host: content, whether it can be executed, where a link points
	FlagInput   = "flag"        // a parameter of the step
	ToolInput   = "tool"        // a program that the step runs
	EnvInput    = "environment" // a variable
	OutputInput = "output"      // what the step left, which somebody may have changed
)

// Input is one thing that the result of a step depends on.
type Input struct {
	Kind  string `json:"kind"`
	Name  string `json:"name"`            // a path relative to the project with slashes, a flag, a variable
	Value string `json:"value"`           // equal if and only if the input is; a hash where it may be long or secret
	Shown string `json:"shown,omitempty"` // the value for people, where it has one
}

// Inputs are all that the result of a step depends on: the step's key. Their order does not count.
type Inputs []Input

// Key is the hexadecimal SHA-256 of the inputs.
func (in Inputs) Key() string {
	var parts []string
	for _, i := range in.sorted() {
		parts = append(parts, i.Kind, i.Name, i.Value)
	}
	return Key(parts...)
}

func (in Inputs) sorted() Inputs {
	out := slices.Clone(in)
	for i := range out {
		for _, text := range []*string{&out[i].Name, &out[i].Value, &out[i].Shown} {
			*text = writable(*text)
		}
	}
	slices.SortFunc(out, func(a, b Input) int {
		return strings.Compare(a.Kind+"\x00"+a.Name, b.Kind+"\x00"+b.Name)
	})
	return out
}

// writable is the text as JSON can keep it: names of files, and what programs say, may be no Unicode, of which JSON would make
// something else.
func writable(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	return strconv.QuoteToASCII(text)
}

// flag adds a parameter.
func (in *Inputs) flag(name string, value any) {
	text := fmt.Sprint(value)
	*in = append(*in, Input{FlagInput, name, text, text})
}

// tool adds a program by its identity; version is for people.
func (in *Inputs) tool(name, identity, version string) {
	*in = append(*in, Input{ToolInput, name, identity, version})
}

// Changes says in words what differs between the inputs of two times, sorted by kind and name, "" kinds of values shown only where
// they can be.
func Changes(before, after Inputs) []string {
	type id struct{ kind, name string }
	old := map[id]Input{}
	for _, i := range before {
		old[id{i.Kind, i.Name}] = i
	}
	var out []string
	for _, now := range after.sorted() {
		was, there := old[id{now.Kind, now.Name}]
		delete(old, id{now.Kind, now.Name})
		if !there || was.Value != now.Value {
			out = append(out, change(was, now, there, true))
		}
	}
	var gone Inputs
	for _, was := range old {
		gone = append(gone, was)
	}
	for _, was := range gone.sorted() {
		out = append(out, change(was, Input{Kind: was.Kind, Name: was.Name}, true, false))
	}
	return out
}

// change puts one difference into words. A file or a variable that is not there may also be an input with the value "".
func change(was, now Input, before, after bool) string {
	name := now.Name
	switch now.Kind {
	case FlagInput:
		name = "flag -" + name
	case EnvInput:
		before, after = before && was.Value != "", after && now.Value != ""
		switch {
		case !before:
			return name + " set"
		case !after:
			return name + " unset"
		}
		return name + " changed"
	case FileInput, OutputInput:
		before, after = before && was.Value != "", after && now.Value != ""
	}
	switch {
	case strings.HasPrefix(now.Value, unreadablePrefix):
		return name + " cannot be read"
	case was.Shown != now.Shown && was.Shown != "" && now.Shown != "":
		sep := " "
		if now.Kind == FlagInput {
			sep = ": "
		}
		return name + sep + was.Shown + " -> " + now.Shown
	case before && !after:
		return name + " removed"
	case after && !before:
		return name + " added"
	}
	return name + " changed"
}

// mostNamed is how many changes a sentence names.
const mostNamed = 4

// SayChanges is a sentence about changes: a handful by name, the rest counted.
func SayChanges(changes []string) string {
	if len(changes) <= mostNamed+1 {
		return strings.Join(changes, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(changes[:mostNamed], ", "), len(changes)-mostNamed)
}
