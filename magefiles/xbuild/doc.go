// Package xbuild is the small helper under the build: which platforms there
// are and what each tool calls them, what this host is, how a command is run,
// which tools are here, and one file per tool that turns a wish into commands.
//
// A command is data (Cmd) and running it is a function (Runner), so that what
// would be run can be shown, recorded and tested without running it. Nothing
// here reads the process environment: values come in as parameters.
package xbuild
