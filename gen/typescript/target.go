// SPDX-License-Identifier: Apache-2.0

package typescript

import (
	"strings"

	"github.com/sockgen/sockgen/gen/ir"
)

// Target is TypeScript, as package check knows it.
type Target struct{}

var _ ir.Target = Target{}

// Names returns the names that generated TypeScript exports itself. What it keeps within a
// module gives way to the schema.
func (Target) Names(doc *ir.Document) ir.Names {
	n := ir.Names{Claims: doc.Around("", []ir.Around{
		{Before: "Fingerprint"}, {After: "ServerToClient"}, {After: "ClientToServer"}, {After: "Refusals"}, {After: "ConnectFailure"},
		{After: "Socket"}, {After: "Params"},
	})}
	for _, name := range exportedTypes {
		n.Claims = append(n.Claims, ir.Claim{Ident: name})
	}
	return n
}

// exportedTypes are what a module exports once, some of them where it needs them.
var exportedTypes = strings.Fields(`
	AuthOptions Bytes CommonFailure ConnectFailure ConnectFailureOf ConnectOptions Done EmitMap Issue Lifecycle ListenMap
	PlainAck RefusalOf Reply RequestArguments RequestName RequestOptions RequestReply ServerFailure`)
