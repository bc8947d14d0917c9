// Package report is what a person sees of a build: steps that run side by
// side, their logs, tables and errors.
//
// On a terminal each running step has one live line, redrawn in place; what is
// finished scrolls by above. Anywhere else (a pipe, a CI log, an old Windows
// console) a step is two plain ASCII lines, one at its start and one at its
// end, with no control characters. The caller decides which, see [Options] and
// [Terminal]; nothing here reads the environment.
//
// What a tool prints goes to the step's log file, LogDir/STEP.log, and is
// shown only when the step fails (its last lines) or when Verbose is set.
// Anything from outside is stripped of control characters before it reaches
// the terminal; the files keep every byte.
package report
