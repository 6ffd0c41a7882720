// SPDX-License-Identifier: Apache-2.0

// Sockgen writes typed Go handlers and a TypeScript client from a schema of
// Socket.IO events. To begin, in a Go module with an events.yaml:
//
//	go get -tool github.com/sockgen/sockgen/cmd/sockgen
//	go tool sockgen generate
//
// docs/tutorial.md goes on from there. The commands are:
//
//	sockgen init example.com/hello [-web react]
//	sockgen dev [-- arguments of the server]
//	sockgen generate [-schema events.yaml] [-check] [-out generated] [-go folder] [-typescript folder] [-react] [-vue] [-svelte] [-mock] [-schemas] [-dates]
//	sockgen lint
//	sockgen fix
//	sockgen fmt
//	sockgen lock
//	sockgen breaking -against main
//	sockgen mock [-seed 7] [-scenario busy.yaml]
//	sockgen call http://localhost:3000 say '{"text": "hello"}'
//	sockgen schema
//	sockgen explain unknown-type
//	sockgen version
//	sockgen completion bash
//	sockgen help
//
// Go goes to the folder <out>/<name>, TypeScript to <out>/ts/<name>.ts, where
// name is the schema's info.name. Put settings into a sockgen.yaml beside the
// schema. The exit status is 0 when all is well, 1 when the schema, -check or
// breaking says no, 2 when sockgen could not do its work, and 3 when sockgen
// itself failed. docs/cli.md explains every command, with examples.
package main
