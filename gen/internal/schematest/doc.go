// SPDX-License-Identifier: Apache-2.0

// Package schematest draws schemas for tests: valid ones that use the whole
// language, always the same for the same seed.
package schematest
