// Package schema reads a schema file: the document as written, where each node
// knows its line and column. What the document means is package check's to say.
//
// It alone imports the YAML parser. Anchors, aliases and "<<" are resolved here,
// within bounds; duplicate keys, second documents and broken YAML are reported
// here, at the place where the author can mend them.
package schema
