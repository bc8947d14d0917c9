// Package e2e keeps every promise of the README with real tools: fresh clones, a
// container engine, emulation, a registry, a browser. Its tests carry the build
// tag e2e and need Linux and root; "go tool mage e2e" installs what they use.
//
// A test that finds a tool missing is skipped on a laptop and fails where CI is set.
package e2e
