// SPDX-License-Identifier: Apache-2.0

package ir

// A BuiltInCode is the code of an error that no schema declares, since it can
// happen to any event or connection.
type BuiltInCode struct {
	Code string
	From CodeOrigin
	Data CodeData
}

// A CodeOrigin tells who answers with a built-in code.
type CodeOrigin int

// The origins of built-in codes.
const (
	FromServer     CodeOrigin = iota // a server, for an event
	FromConnecting                   // a server, for a connection
	FromClient                       // a client, of itself
)

// A CodeData tells what accompanies a built-in code.
type CodeData int

// What may accompany a built-in code.
const (
	NoData     CodeData = iota
	IssuesData          // what is wrong with a payload
	LogData             // the id of the entry in the server's log
	WaitData            // in how many milliseconds it may be tried again
)

// BuiltInCodes are all of them. No error of a schema can have one of these codes.
var BuiltInCodes = []BuiltInCode{
	{"invalid_payload", FromServer, IssuesData},
	{"unknown_event", FromServer, NoData},
	{"rate_limited", FromServer, WaitData},
	{"internal", FromServer, LogData},
	{"timeout", FromClient, NoData},
	{"disconnected", FromClient, NoData},
	{"aborted", FromClient, NoData},
	{"schema_mismatch", FromConnecting, NoData},
}

// IsBuiltInCode tells whether code is one of BuiltInCodes.
func IsBuiltInCode(code string) bool {
	for _, b := range BuiltInCodes {
		if b.Code == code {
			return true
		}
	}
	return false
}

// CodesOf returns the built-in codes of one origin that come with such data.
func CodesOf(from CodeOrigin, data CodeData) []string {
	var codes []string
	for _, b := range BuiltInCodes {
		if b.From == from && b.Data == data {
			codes = append(codes, b.Code)
		}
	}
	return codes
}
