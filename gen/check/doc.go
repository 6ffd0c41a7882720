// SPDX-License-Identifier: Apache-2.0

// Package check turns a schema as written into the document as meant: it
// resolves every reference, fills in every default and gives every identifier
// its final name. It reports every mistake in one pass; a part that is wrong is
// left out of the result, so that it gives rise to one diagnostic and not to ten.
package check
