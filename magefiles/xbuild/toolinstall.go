package xbuild

import (
	"slices"
	"strings"
)

// PackageManager is how system packages are installed on a host.
type PackageManager struct {
	Name    string   // the key in Tool.Install: apt, dnf, apk, brew, winget, scoop
	Program string   // what it is found by
	Args    []string // what comes before the packages
	Root    bool     // it must be run as root, that is by sudo otherwise
}

func packageManagers() map[string][]PackageManager {
	brew := PackageManager{"brew", "brew", []string{"install"}, false}
	return map[string][]PackageManager{
		"linux": {
			{"apt", "apt-get", []string{"install", "-y", "--no-install-recommends"}, true},
			{"dnf", "dnf", []string{"install", "-y"}, true},
			{"apk", "apk", []string{"add"}, true},
			brew,
		},
		"darwin": {brew},
		"windows": {
			{"winget", "winget", []string{"install", "--exact", "--id"}, false},
			{"scoop", "scoop", []string{"install"}, false},
		},
	}
}

// DetectPackageManager is the first package manager of the host's operating
// system that look finds.
func DetectPackageManager(host Platform, look func(string) (string, error)) (PackageManager, bool) {
	for _, pm := range packageManagers()[host.OS] {
		if _, err := look(pm.Program); err == nil {
			return pm, true
		}
	}
	return PackageManager{}, false
}

// Command is the command that installs packages (separated by spaces). With
// sudo it is put behind sudo where root is needed.
func (pm PackageManager) Command(packages string, sudo bool) Cmd {
	words := append([]string{pm.Program}, slices.Concat(pm.Args, strings.Fields(packages))...)
	if sudo && pm.Root {
		words = append([]string{"sudo"}, words...)
	}
	return Cmd{Name: words[0], Args: words[1:]}
}

// InstallLine is the line that gets t on a machine with pm (the zero value if
// there is none): a command, else advice, else "".
func (t Tool) InstallLine(pm PackageManager) string {
	if packages := t.Install[pm.Name]; pm.Name != "" && packages != "" {
		return pm.Command(packages, true).String()
	}
	return t.Install[""]
}
