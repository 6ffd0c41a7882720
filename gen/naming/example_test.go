// SPDX-License-Identifier: Apache-2.0

package naming_test

import (
	"fmt"

	"github.com/sockgen/sockgen/gen/naming"
)

func ExamplePascal() {
	fmt.Println(naming.Pascal("message:send"), naming.Pascal("room_id"), naming.Pascal("http:url"))
	// Output: MessageSend RoomID HTTPURL
}

func ExampleScope() {
	var scope naming.Scope[string]
	scope.Claim("RoomID", `type "RoomID"`)
	if holder, ok := scope.Claim("RoomID", `type "room_id"`); !ok {
		fmt.Println("taken by", holder)
	}
	// Output: taken by type "RoomID"
}
