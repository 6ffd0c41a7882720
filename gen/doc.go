// Package gen is sockgen's pipeline: the text of a schema in, generated files
// and diagnostics out, all in memory. It reads and writes no file; the command
// does, also those that a schema imports.
package gen
