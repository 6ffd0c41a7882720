// SPDX-License-Identifier: Apache-2.0

package typescript

import "github.com/sockgen/sockgen/gen/ir"

// receivedFields returns fields as they arrive: one that has a default is there.
func receivedFields(fields []*ir.Field) []*ir.Field {
	var list []*ir.Field
	for _, f := range fields {
		received := *f
		received.Optional = f.Optional && f.Default == nil
		list = append(list, &received)
	}
	return list
}
