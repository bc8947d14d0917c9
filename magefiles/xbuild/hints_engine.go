package xbuild

// engineHint is the cure for a failure of docker or podman.
func engineHint(output string) string {
	return firstCure(append([]failure{
		known(`(?i)no space left on device|ENOSPC|not enough space on the disk`,
			"the container engine's disk is full: docker system df shows by what, docker system prune frees what no container uses; Docker Desktop and podman machine have a limit of their own in their settings"),
		known(`(?i)permission denied while trying to connect to the docker|connect to .*docker.*permission denied|docker(_engine|\.sock)\S*:( connect:)? (permission denied|Access is denied)|podman\.sock: connect: permission denied`,
			"you may not use the container engine's socket: on Linux sudo usermod -aG docker $USER, then log in again (or run newgrp docker); or use a rootless engine (DOCKER_HOST=unix://$XDG_RUNTIME_DIR/docker.sock)"),
		known(`Cannot connect to Podman|unable to connect to Podman`,
			"podman's engine is not running: podman machine start on macOS and Windows (podman machine init, the first time), systemctl --user start podman.socket on Linux"),
		known(`Cannot connect to the Docker daemon|failed to connect to the docker API|error during connect: .*(pipe|docker)|pipe[/\\]docker\w*: The system cannot find the file`,
			"the container engine is not running: sudo systemctl start docker on Linux, start Docker Desktop (or colima start) on macOS, Docker Desktop on Windows; if it runs elsewhere, set DOCKER_HOST or docker context use NAME"),
		untrusted("give it to the engine as /etc/docker/certs.d/HOST:PORT/ca.crt (podman: /etc/containers/certs.d; Docker Desktop: the system's own store), then restart the engine"),
		known(`Error response from daemon: .*(no such host|i/o timeout|connection refused|TLS handshake timeout|network is unreachable)`,
			"the container engine did not reach the registry: check the network, and the engine's own proxy (it does not read this shell's HTTPS_PROXY; Docker Desktop: Settings, Resources, Proxies)"),
	}, starved("")...), output)
}
