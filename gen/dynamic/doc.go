// SPDX-License-Identifier: Apache-2.0

// Package dynamic does for any document what generated code does for one: it checks
// JSON against a type of the document, and it makes values that a type has.
//
// It is for tools that know a schema only once they run: sockgen call, sockgen mock.
// What Check accepts and refuses, and the paths and messages of its issues, are those
// of the generated validators; each issue also says where in the text it is.
package dynamic
