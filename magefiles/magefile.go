//go:build mage

// One command builds the application for every platform: mage images
package main

import (
	// mage:import
	"github.com/noetl/noetl/magefiles/targets"
)

// Aliases are the short names that people type most. There is no default
// target: mage alone lists them (mage 1.17 cannot compile a default with flags).
var Aliases = map[string]any{"setup": targets.SetupLocalDev, "ui": targets.BuildUI, "cli": targets.CrossRust}
