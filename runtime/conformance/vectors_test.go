// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"slices"
	"strings"
	"testing"
)

const (
	ph0 = `{"_placeholder":true,"num":0}`
	ph1 = `{"_placeholder":true,"num":1}`
)

// connecting are the vectors of 24.1.
var connecting = []conversation{
	say("V1", "connect", "> 40", joined, "live"),
	say("V2", "auth", `> 40{"a":1}`, joined, `< 42["auth",{"a":1}]`, "live"),
	say("V3", "array", "> 40[]", "closed"),
	say("V3", "string", `> 40"x"`, "closed"),
	say("V3", "null", "> 40null", "closed"),
	say("V3", "broken", "> 40{", "closed"),
	say("V4", "ack_id_is_ignored", "> 401", joined, "live"),
	say("V5", "slash", "> 40/", joined, "live"),
	say("V5", "slash_and_comma", "> 40/,", joined, "live"),
	say("V6", "without_comma", "> 40/admin", `< 40/admin,{"sid":"<SID>"}`, "open"),
	say("V6", "with_comma", "> 40/admin,", `< 40/admin,{"sid":"<SID>"}`, "open"),
	say("V7", "question_mark", "> 40/admin?x=1,", `< 44/admin?x=1,{"message":"Invalid namespace"}`, "open"),
	say("V8", "unknown", "> 40/unknown,", `< 44/unknown,{"message":"Invalid namespace"}`, "open"),
	say("V9", "refused_with_data", "> 40/rej,",
		`< 44/rej,{"message":"not authorized","data":{"content":"Please retry later"}}`, "open"),
	say("V10", "refused_twice", "> 40/rej2,", `< 44/rej2,{"message":"nope"}`, "> 40/rej2,", `< 44/rej2,{"message":"nope"}`, "open"),
	say("V11", "refused_then_main", "> 40/rej2,", `< 44/rej2,{"message":"nope"}`, "> 40", joined, "live"),
	say("V12", "event_first", `> 42["x"]`, "closed"),
	say("V12", "disconnect_first", "> 41", "closed"),
	say("V12", "ack_first", "> 430[]", "closed"),
}

// timeouts are those of them that wait for the connect timeout.
var timeouts = []conversation{
	say("V13", "nothing_joined", "closed"),
	say("V14", "refusals_do_not_count", "> 40/unknown,", `< 44/unknown,{"message":"Invalid namespace"}`, "closed"),
}

// reserved are the names that only the library itself emits.
var reserved = []string{"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"}

// afterJoining are the vectors of 24.2; / is joined.
var afterJoining = slices.Concat([]conversation{
	joinedSay("V20", "again", "> 40", "closed"),
	joinedSay("V20", "again_with_auth", `> 40{"a":1}`, "closed"),
	joinedSay("V21", "two_namespaces", "> 40/admin,", `< 40/admin,{"sid":"<SID>"}`,
		`> 42["emitback",1]`, `< 42["back",1]`, "> 41/admin,", `> 42["emitback",2]`, `< 42["back",2]`, "live"),
	joinedSay("V22", "event", `> 42/admin,["x"]`, "closed"),
	joinedSay("V22", "disconnect", "> 41/admin,", "closed"),
	joinedSay("V23", "object", `> 44{"message":"x"}`, "closed"),
	joinedSay("V23", "string", `> 44"x"`, "closed"),
	joinedSay("V24", "rejoin", "> 41", "> 40", joined, "live"),
	joinedSay("V25", "left", "> 41", `> 42["x"]`, "closed"),
	joinedSay("V26", "disconnect_with_payload", "> 41{}", "closed"),
	joinedSay("V27", "no_data", "> 4", "closed"),
	joinedSay("V27", "type_7", "> 47", "closed"),
	joinedSay("V27", "type_9", `> 49["x"]`, "closed"),
	joinedSay("V27", "type_a", "> 4abc", "closed"),
	joinedSay("V28", "no_name", "> 42[]", "closed"),
	joinedSay("V28", "object", "> 42{}", "closed"),
	joinedSay("V28", "null_name", "> 42[null]", "closed"),
	joinedSay("V28", "object_name", "> 42[{}]", "closed"),
	joinedSay("V28", "true_name", "> 42[true]", "closed"),
	joinedSay("V33", "trailing_junk", `> 42["x"]zzz`, "closed"),
	joinedSay("V33", "unfinished", `> 42["x"`, "closed"),
	joinedSay("V34", "ack", `> 4212["ack","a",{"b":1}]`, `< 4312["a",{"b":1}]`, "live"),
	joinedSay("V35", "leading_zeros", `> 42007["ack"]`, `< 437[]`, "live"),
	joinedSay("V36", "negative", `> 42-1["ack"]`, "closed"),
	joinedSay("V36", "fraction", `> 421.5["ack"]`, "closed"),
	joinedSay("V36", "letters", `> 42abc["ack"]`, "closed"),
	joinedSay("V37", "unknown_id", `> 4399["x"]`, "live"),
	joinedSay("V37", "no_id", `> 43["x"]`, "live"),
	joinedSay("V37", "no_payload", "> 431", "live"),
	joinedSay("V38", "object", "> 431{}", "closed"),
	joinedSay("V39", "main_by_name", `> 42/,["emitback",1]`, `< 42["back",1]`, "live"),
	joinedSay("V40", "no_comma", `> 42/admin["x"]`, "closed"),
	joinedSay("V41", "server_disconnects", `> 42["bye"]`, "< 41", "> 40", joined, "live"),
	// A handler of / runs beside one of /admin: its 41 comes first because the
	// namespaces are left in the order of joining.
	joinedSay("V42", "server_closes", "> 40/admin,", `< 40/admin,{"sid":"<SID>"}`, `> 42["byebye"]`, "< 41", "< 41/admin,", "closed"),
	// Arguments are passed on as they came, so the exact integer survives.
	joinedSay("V43", "numbers_and_escapes", `> 42["emitback",12345678901234567890,1.0,1e2,-0,"\u0041\ud83d\ude00\/"]`,
		`< 42["back",12345678901234567890,1.0,1e2,-0,"\u0041\ud83d\ude00\/"]`, "live"),
	joinedSay("V44", "odd_keys", `> 42["emitback",{"__proto__":{"a":1},"b":2,"b":3}]`,
		`< 42["back",{"__proto__":{"a":1},"b":2,"b":3}]`, "live"),
	joinedSay("V47", "ping", "> 2", "closed"),
	joinedSay("V48", "letters", "> abc", "closed"),
	joinedSay("V48", "empty", "> ", "closed"),
	joinedSay("V48", "type_7", "> 7", "closed"),
	joinedSay("V49", "pong", "> 3", "live"),
	joinedSay("V49", "pong_with_data", "> 3xyz", "live"),
	joinedSay("V49", "noop", "> 6", "live"),
	joinedSay("V49", "upgrade", "> 5", "live"),
	joinedSay("V49", "open", "> 0{}", "live"),
	joinedSay("V50", "close", "> 1", "closed"),
}, eachReserved("V31", "", `> 42["%s",1]`))

// eachReserved makes one conversation of every reserved name.
func eachReserved(rule, prefix, line string) []conversation {
	var list []conversation
	for _, name := range reserved {
		list = append(list, joinedSay(rule, prefix+name, strings.Replace(line, "%s", name, 1), "closed"))
	}
	return list
}

// frames are those of them that only a WebSocket can show.
var frames = []conversation{
	joinedSay("V45", "one_byte_too_large", "> 4"+strings.Repeat("x", 1_000_000), "closed 1009"),
}

// binaryVectors are those of 24.3; / is joined.
var binaryVectors = []conversation{
	joinedSay("V60", "echo", `> 451-["emitback",`+ph0+`]`, "> <01 02>", `< 451-["back",`+ph0+`]`, "< <01 02>", "live"),
	joinedSay("V61", "swapped", `> 452-["emitback",`+ph1+`,`+ph0+`]`, "> <01>", "> <02>",
		`< 452-["back",`+ph0+`,`+ph1+`]`, "< <02>", "< <01>", "live"),
	joinedSay("V62", "shared", `> 451-["emitback",`+ph0+`,`+ph0+`]`, "> <01>",
		`< 452-["back",`+ph0+`,`+ph1+`]`, "< <01>", "< <01>", "live"),
	joinedSay("V63", "unused", `> 452-["emitback",`+ph0+`]`, "> <01>", "> <02>", `< 451-["back",`+ph0+`]`, "< <01>", "live"),
	joinedSay("V64", "nested", `> 451-["emitback",{"a":[{"b":`+ph0+`}]}]`, "> <01>", `< 451-["back",{"a":[{"b":`+ph0+`}]}]`, "< <01>", "live"),
	joinedSay("V66", "not_a_placeholder", `> 451-["emitback",{"_placeholder":"true","num":0}]`, "> <01>",
		`< 42["back",{"_placeholder":"true","num":0}]`, "live"),
	joinedSay("V67", "plain_data", `> 42["emitback",`+ph0+`]`, `< 42["back",`+ph0+`]`, "live"),
	joinedSay("V68", "zero", `> 450-["emitback",1]`, "closed"),
	joinedSay("V69", "ten", `> 4510-["emitback"]`, "> <01>", "> <01>", "> <01>", "> <01>", "> <01>",
		"> <01>", "> <01>", "> <01>", "> <01>", "> <01>", `< 42["back"]`, "live"),
	joinedSay("V70", "eleven", `> 4511-["emitback"]`, "closed"),
	joinedSay("V71", "no_digits", `> 45-["x"]`, "closed"),
	joinedSay("V71", "no_dash", `> 451["x"]`, "closed"),
	joinedSay("V71", "letter", `> 45a-["x"]`, "closed"),
	joinedSay("V71", "negative", `> 45-1-["x"]`, "closed"),
	joinedSay("V71", "fraction", `> 451.5-["x"]`, "closed"),
	joinedSay("V72", "leading_zero", `> 4501-["emitback"]`, "> <01>", `< 42["back"]`, "live"),
	joinedSay("V73", "event", `> 451-["emitback",`+ph0+`]`, `> 42["x"]`, "closed"),
	joinedSay("V73", "disconnect", `> 451-["emitback",`+ph0+`]`, "> 41", "closed"),
	joinedSay("V73", "other_header", "> 40/admin,", `< 40/admin,{"sid":"<SID>"}`,
		`> 451-["emitback",`+ph0+`]`, `> 451-/admin,["x",`+ph0+`]`, "closed"),
	joinedSay("V74", "pong_between", `> 451-["emitback",`+ph0+`]`, "> 3", "> <05>", `< 451-["back",`+ph0+`]`, "< <05>", "live"),
	joinedSay("V75", "no_header", "> <01 02>", "closed"),
	joinedSay("V76", "one_too_many", `> 451-["emitback",`+ph0+`]`, "> <01 02>", `< 451-["back",`+ph0+`]`, "< <01 02>", "> <02>", "closed"),
	joinedSay("V77", "reserved_name", `> 451-["disconnect",`+ph0+`]`, "closed"),
	joinedSay("V78", "ack_nobody_waits_for", `> 461-5[`+ph0+`]`, "> <01>", "live"),
	joinedSay("V79", "base64_text", `> 451-["emitback",`+ph0+`]`, "> bAQID", `< 451-["back",`+ph0+`]`, "< <01 02 03>", "live"),
	joinedSay("V80", "empty", `> 451-["emitback",`+ph0+`]`, "> <>", `< 451-["back",`+ph0+`]`, "< <>", "live"),
	joinedSay("V81", "namespace_not_joined", `> 451-/b,7["x",`+ph0+`]`, "> <01>", "closed"),
	joinedSay("V65", "too_large", `> 451-["emitback",{"_placeholder":true,"num":1}]`, "closed"),
	joinedSay("V65", "negative", `> 451-["emitback",{"_placeholder":true,"num":-1}]`, "closed"),
	joinedSay("V65", "string", `> 451-["emitback",{"_placeholder":true,"num":"0"}]`, "closed"),
	joinedSay("V65", "splice", `> 451-["emitback",{"_placeholder":true,"num":"splice"}]`, "closed"),
}

func vectorChecks() []check {
	webSocket := []kind{overWebSocket}
	return slices.Concat(
		conversations(&steady, SocketPath, everyKind, connecting),
		conversations(&hasty, SocketPath, everyKind, timeouts),
		conversations(&steady, SocketPath, everyKind, afterJoining),
		conversations(&steady, SocketPath, webSocket, frames),
		conversations(&steady, SocketPath, everyKind, binaryVectors),
		[]check{
			{"V46", "not_utf8", func(t *testing.T) {
				w, _ := steady.connect(t)
				w.frame(fin|opText, []byte{'4', '2', 0xff})
				w.closed(1007)
			}},
		},
	)
}
