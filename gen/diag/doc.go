// SPDX-License-Identifier: Apache-2.0

// Package diag holds what sockgen has to say about a schema: where a mistake
// stands, what it is and what to write instead.
//
// A diagnostic renders as one line that editors understand, followed by the
// line of the schema and a caret:
//
//	events.yaml:14:12: error[unknown-type]: unknown type "Mesage" (did you mean "Message"?)
//	        payload: Mesage
//	                 ^^^^^^
//
// Write has the same for machines: JSON, SARIF and the commands of GitHub's
// workflows. Each code is explained by a schema that breaks its rule and one that
// keeps it; a test holds both to package check.
package diag
