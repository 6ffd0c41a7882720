// SPDX-License-Identifier: Apache-2.0

package gen_test

import (
	"fmt"

	"github.com/sockgen/sockgen/gen"
	"github.com/sockgen/sockgen/gen/diag"
)

func ExampleGenerate() {
	src := `sockgen: 1
info: { name: chat }
namespaces:
  /:
    client: { clientMessage -> serverMessage: string }
    server: { serverMessage: string }
`
	out, err := gen.Generate(gen.Input{File: "events.yaml", Source: []byte(src)})
	if err != nil {
		panic(err)
	}
	for _, f := range out.Files {
		fmt.Println(f.Name)
	}
	// Output:
	// chat/chat.go
	// chat/codec.go
	// ts/chat.ts
}

func ExampleGenerate_diagnostics() {
	src := `sockgen: 1
info: { name: chat }
types:
  Message: { struct: { text: string } }
namespaces:
  /: { client: { post: Mesage } }
`
	out, err := gen.Generate(gen.Input{File: "events.yaml", Source: []byte(src)})
	if err != nil {
		panic(err)
	}
	fmt.Print(diag.Render(out.Diagnostics))
	// Output:
	// events.yaml:6:24: error[unknown-type]: unknown type "Mesage" (did you mean "Message"?)
	//       /: { client: { post: Mesage } }
	//                            ^^^^^^
}
