// SPDX-License-Identifier: Apache-2.0

package typed_test

import (
	"errors"
	"fmt"

	"github.com/sockgen/sockgen/runtime/typed"
)

func ExampleOpt() {
	limit := typed.Some(20)
	fmt.Println(limit.Or(50), typed.None[int]().Or(50))
	if n, ok := limit.Get(); ok {
		fmt.Println("at most", n)
	}
	// Output:
	// 20 50
	// at most 20
}

// The peer sees code and message; the cause is for the log.
func ExampleError_Because() {
	const CodeFrozen typed.Code = "frozen"
	frozen := typed.NewError(CodeFrozen, "the board is frozen")

	err := fmt.Errorf("move: %w", frozen.Because(errors.New("out of budget")))

	fmt.Println(err)
	fmt.Println(errors.Is(err, frozen), errors.Is(err, CodeFrozen))
	// Output:
	// move: frozen: the board is frozen: out of budget
	// true true
}
