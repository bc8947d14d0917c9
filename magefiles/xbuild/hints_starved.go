package xbuild

// starved are the failures of every program that gets no more disk or memory.
// They come first in each list: whatever else a tool then says follows from
// them. room tells how to get disk space back from the tool itself, if it can.
func starved(room string) []failure {
	if room != "" {
		room = " (" + room + ")"
	}
	return []failure{
		known(`ENOSPC: System limit for number of file watchers reached`,
			"this system watches too many files already: sudo sysctl fs.inotify.max_user_watches=524288"),
		known(`(?i)No space left on device|\bENOSPC\b|[.。] ?\(os error 112\)|There is not enough space on the disk`,
			"the disk is full: free some space"+room+", then run this again; on Linux and macOS df -h shows where (df -i, if it is the number of files)"),
		known(`Disk quota exceeded|\bEDQUOT\b`,
			"your share of the disk is used up: free some space"+room+", or have it enlarged; quota -s shows it"),
		// A linker maps its output into memory: it is killed where there is no room for it, and no program says why.
		known(`ld terminated with signal 7 \[Bus error\]|\(signal: 7, SIGBUS`,
			"the linker had no room to write, so the disk is full or nearly so; free some space"+room+", then run this again; df -h shows where"),
		known(`JavaScript heap out of memory`,
			"Node.js is out of memory: NODE_OPTIONS=--max-old-space-size=4096 gives it 4 GB; if the machine has less, close other programs"),
		known(`signal: 9, SIGKILL|signal: 9 \(SIGKILL\)|terminated with signal 9 \[Killed\]|Killed signal terminated program|memory allocation of \d+ bytes failed|LLVM ERROR: out of memory|Cannot allocate memory|(?m)^signal: killed$`,
			"out of memory: let it do less at once (CARGO_BUILD_JOBS=1 for Rust), close other programs, or give more memory to the container or virtual machine (Docker Desktop, WSL) that this runs in"),
	}
}
