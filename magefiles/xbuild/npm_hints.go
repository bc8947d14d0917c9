package xbuild

// npmHint returns the cure for a failure of npm, or of a build that it ran, that is known from the output; else "".
func npmHint(output string) string { return firstCure(npmFailures(), output) }

func npmFailures() []failure {
	return append(starved("npm cache verify gives back what npm does not need"),
		known(`npm/cli/issues/4828|Cannot find native binding|Cannot find module '[^']*\.(linux|darwin|win32|freebsd|android)-\w+[^']*\.node'`,
			"npm left out the build tool's native part for this machine: delete node_modules and run this again; if it stays, delete package-lock.json too, run npm install, and commit the new lock"),
		known(`You installed \S+ for another platform than the one you're currently using|invalid ELF header|is not a valid Win32 application|mach-o file, but is an incompatible architecture`,
			"node_modules was made on another platform (copied, or shared with a container, WSL or another machine): delete node_modules and run this again"),
		knownBy(`npm (?:error|ERR!) Missing: (\S+?-?(?:linux|darwin|win32|android|freebsd)-(?:x64|arm64|arm|ia32)[\w-]*)@\S* from lock file`, func(g []string) string {
			return "package-lock.json was made on another platform and lacks the native packages of this one (" + g[1] + "): delete package-lock.json and node_modules, run npm install, and commit the new lock"
		}),
		known(`npm (error|ERR!) code EBADPLATFORM`,
			"a package that is not optional is for another platform: in package.json it belongs into optionalDependencies"),
		known(`can only install packages when your package\.json and package-lock\.json`,
			"package.json and package-lock.json disagree: run npm install in that folder and commit the lock"),
		known(`can only install with an existing package-lock\.json`,
			"there is no package-lock.json: run npm install in that folder and commit the lock"),
		known(`npm (error|ERR!) code EJSONPARSE`,
			"package.json is no JSON (the marks of a merge conflict, perhaps): the line is named above"),
		known(`EINTEGRITY`,
			"a package is not what the lock says it is: run npm cache verify and try again; if it stays, find out why it changed before you touch the lock"),
		known(`ENOTCACHED`, "npm is set to work offline, and its cache lacks a package: go online once, or unset its offline option"),
		badClock(),
		untrusted("set NODE_EXTRA_CA_CERTS=FILE (or npm config set cafile FILE)"),
		known(`npm (error|ERR!) .*\b(ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT)\b`,
			"the npm registry was not reached: check the network, the proxy, and npm config get registry"),
		known(`npm (error|ERR!) code E40[13]\b`,
			"the npm registry wants to know who you are: npm login, or check the token in .npmrc; npm config get registry tells which registry it is"),
		known(`npm (error|ERR!) .*\b(EBUSY|EPERM)\b.*(rename|unlink|rmdir|resource busy or locked)`,
			"a file of node_modules is in use: end the dev server, the editor or the virus scanner that holds it, then run this again"),
		known(`npm (error|ERR!) .*\b(EACCES|EPERM|EROFS)\b|\b(EACCES|EPERM|EROFS): [a-z -]+, (open|mkdir|unlink|rename|rmdir|copyfile|scandir|symlink|write)\b`,
			"npm may not write there: check who owns the folder, its node_modules and npm's cache (npm config get cache)"),
		known(`npm (error|ERR!) Missing script`, "package.json needs a script of that name"),
		// Last, since it is also only a warning that goes before another failure.
		known(`EBADENGINE|requires? Node\.js version`, "this Node.js is not one that the project works with: install one that \"engines\" of package.json names"),
	)
}
