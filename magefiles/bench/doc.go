// Package bench is the pure part of a benchmark of image builds: what is built
// by whom (cells), in which order, what came of it (samples), and what it has to
// come to (thresholds); and the same as JSON, as a Markdown table and as an SVG.
// It runs nothing. Only [Registry] holds files: it stores what is pushed and
// counts it.
package bench
