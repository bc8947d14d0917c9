package audit

import (
	"fmt"
	"strconv"
	"strings"
)

// IDPort is the ID of findings about exposed ports.
const IDPort = "port"

// firstFreePort is the first that Linux lets everybody listen on, if not told
// otherwise (ip_unprivileged_port_start).
const firstFreePort = 1024

// checkPorts reads the exposed ports: "8080", "53/udp", "7000-7010/tcp".
func checkPorts(inv *Inventory) []Finding {
	if inv.Config == nil || inv.linux() != nil {
		return nil
	}
	var findings []Finding
	add := func(severity, message, cure string) {
		findings = append(findings, inv.configFinding("/", IDPort, severity, message, cure))
	}
	who, _ := inv.identity()
	seen := map[string]bool{}
	for _, text := range inv.Config.Ports {
		first, protocol, ok := parsePort(text)
		switch name := fmt.Sprintf("%s/%s", strings.SplitN(text, "/", 2)[0], protocol); {
		case !ok:
			add(Error, fmt.Sprintf("the exposed port %q is none: runtimes refuse it", text), "write a number from 1 to 65535, with /tcp, /udp or /sctp if need be")
		case seen[name]:
			add(Warning, fmt.Sprintf("port %s is exposed twice", name), "leave one out")
		default:
			seen[name] = true
			if first < firstFreePort && who != nil && who.uid > 0 {
				add(Note, fmt.Sprintf("port %s is a privileged one, and the image runs as %s, not root", name, inv.Config.User), "listen on a port from 1024 up: older runtimes and hosts refuse it")
			}
		}
	}
	return findings
}

func parsePort(text string) (first int, protocol string, ok bool) {
	ports, protocol, found := strings.Cut(text, "/")
	if !found {
		protocol = "tcp"
	}
	switch protocol = strings.ToLower(protocol); protocol {
	case "tcp", "udp", "sctp":
	default:
		return 0, protocol, false
	}
	from, to, isRange := strings.Cut(ports, "-")
	low, err := strconv.ParseUint(from, 10, 16)
	if err != nil || low == 0 {
		return 0, protocol, false
	}
	if isRange {
		high, err := strconv.ParseUint(to, 10, 16)
		if err != nil || high < low {
			return 0, protocol, false
		}
	}
	return int(low), protocol, true
}

func runInfo() []CheckInfo {
	return []CheckInfo{
		{IDEntrypoint, "what a container starts", "The entrypoint or command is missing, not executable for the configured user, or a script whose interpreter is: the container does not start."},
		{IDUser, "the configured user", "A user or group that is configured by name must be in the image's own /etc/passwd and /etc/group, or the container does not start."},
		{IDPort, "exposed ports", "Exposed ports are numbers from 1 to 65535 of tcp, udp or sctp, each once."},
	}
}
