// SPDX-License-Identifier: Apache-2.0

// Package typescript renders a document as one TypeScript module over the
// official client, socket.io-client.
//
// The module is clean under prettier's defaults, so that whoever commits it
// sees no difference after formatting. Lines that names can make too long are
// therefore described as a layout, a tree that says where a line may break, and
// printed by the same rules that prettier follows. The helper functions stand in
// helpers/, in files that the compiler checks; of their regions a module gets
// those that its document needs.
//
// No text of the schema reaches the module unquoted: names become string
// literals or identifiers, documentation becomes comments that it cannot end.
package typescript
