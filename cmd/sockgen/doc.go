// Sockgen writes typed Go handlers and a TypeScript client from a schema of
// Socket.IO events.
//
//	sockgen generate [-schema events.yaml] [-out generated] [-check]
//	sockgen version
//	sockgen help
//
// Go goes to the folder <out>/<name>, TypeScript to <out>/ts/<name>.ts, where
// name is what the schema says under info. The exit status is 0 when all is well,
// 1 when the schema or -check says no, and 2 when sockgen could not do its work.
package main
