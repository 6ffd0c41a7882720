// SPDX-License-Identifier: Apache-2.0

// Package gen is sockgen's pipeline. It takes the text of a schema and returns generated
// files and diagnostics, all in memory. The command reads and writes the files, imports
// included. The package is no API: use the command.
package gen
