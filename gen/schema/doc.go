// SPDX-License-Identifier: Apache-2.0

// Package schema reads a schema file: the document as written, where each node
// knows its line and column. What the document means is package check's to say.
//
// Load follows a schema's imports, within bounds and never in a circle. The package
// alone imports the YAML parser. Anchors, aliases and "<<" are resolved here,
// within bounds; duplicate keys, second documents and broken YAML are reported
// here, at the place where the author can mend them.
package schema
