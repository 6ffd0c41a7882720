// Package conformance holds a server for the published Engine.IO and Socket.IO
// suites, and the project's own cases, written from its protocol document, which
// run against that server over loopback sockets.
package conformance
