// SPDX-License-Identifier: Apache-2.0

// Package mock is a Socket.IO server that knows nothing but a schema. It checks what
// clients send, as a generated server does, and answers with values that the schema
// allows and that look as if somebody had written them. A scenario says more: what is
// emitted when, and what fails. It is what sockgen mock does.
package mock
