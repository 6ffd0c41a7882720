// SPDX-License-Identifier: Apache-2.0

package schematest

import (
	"fmt"
	"strings"

	"github.com/sockgen/sockgen/gen/naming"
)

// namespacePaths are the paths of random namespaces; {P} stands for a parameter.
var namespacePaths = []string{"/", "/game", "/x-y/z", "/match/{P}", "/a/{P}/b:{P}", "/of_{P}@{P}/{P}"}

// clientMethods are those of every Go client, of which the first two are a Handler's
// as well.
var clientMethods = strings.Fields("Connect Disconnect Base Close Connected ID OnConnect OnConnectError OnDisconnect OnEventError Recovered Untyped")

// A namespace is one while its events are drawn.
type namespace struct {
	*writer
	prefix string
	key    string          // the field of its data that a rate may be by, or ""
	client map[string]bool // identifiers of methods
	server map[string]bool
}

func (w *writer) namespace(path string, alone bool) {
	n := &namespace{writer: w, client: map[string]bool{}, server: map[string]bool{}}
	for _, method := range clientMethods {
		n.client[method] = true
		n.server[strings.TrimPrefix(method, "On")] = true
	}
	if !alone {
		n.prefix = naming.Pascal(strings.ReplaceAll(path, "{P}", "/"))
		if path == "/" {
			n.prefix = "Main"
		}
	}
	for i := range strings.Count(path, "{P}") {
		path = strings.Replace(path, "{P}", fmt.Sprintf("{p%d: %s}", i, n.param()), 1)
	}
	w.line(1, `"`+path+`":`)
	w.line(2, `doc: "Ends in */"`)
	if w.upTo(3) == 0 {
		n.prefix = "Named" + n.prefix
		w.line(2, "name: "+n.prefix)
	}
	for _, name := range perNamespace {
		w.idents[strings.Replace(strings.Replace(name, "_", "", 1), "#", n.prefix, 1)] = true
	}
	if w.flip() {
		w.line(2, "auth: { token: string, device: optional int, more: { type: "+w.noBytes()+", doc: More } }")
	}
	switch w.upTo(2) {
	case 0:
		n.key = w.one("account", `"@id"`)
		named := ""
		if n.key != "account" {
			named = ", name: Key"
		}
		w.line(2, "data: { user: "+quoted(w.typ())+", at: timestamp, "+n.key+": { type: "+w.param()+named+w.tags()+" } }")
	case 1:
		if len(w.structs) > 0 {
			w.line(2, "data: "+w.one(w.structs...))
		}
	}
	w.line(2, "errors: { connect: [], every: ["+strings.Join(w.codes, ", ")+"] }")
	n.rooms()
	n.events("client")
	n.events("server")
	if w.flip() {
		w.line(2, "cluster:\n      tell: { doc: \"Says */\", payload: "+quoted(w.typ())+" }\n      tick:")
	}
}

// param draws the type of a parameter.
func (w *writer) param() string {
	if len(w.params) > 0 && w.flip() {
		return w.one(w.params...)
	}
	return w.one("string", "int", "int32", "uint32", "int64", "uint64", "uuid", "bool")
}

func (n *namespace) rooms() {
	custom := n.param()
	if len(n.goTexts) > 0 {
		custom = n.one(n.goTexts...)
	}
	n.line(2, `rooms: { room: "r:{id: string}:{n: int}", "my lobby": { room: "the lobby!", name: Mine, doc: "Ends */" }, lobby: lobby, other: "o:{p: `+custom+`}.{q: `+n.param()+`}" }`)
	n.claim("In"+n.prefix+"Room", "In"+n.prefix+"Lobby", "In"+n.prefix+"Mine", "In"+n.prefix+"Other")
}

func (n *namespace) events(side string) {
	fixed := "fixed" + side
	n.claim(n.prefix + naming.Pascal(fixed))
	n.line(2, side+":\n      "+fixed+": { payload: { id: string, n: int, more: bytes } }")
	for _, name := range n.newWords(2 + n.upTo(5)) {
		if n.flip() {
			name = fmt.Sprintf("%s:%s%d", side, name, n.upTo(9))
		}
		n.event(name, side == "server")
	}
}

// event draws one event, when its identifiers are free.
func (n *namespace) event(name string, server bool) {
	ident := naming.Pascal(name)
	methods := n.client
	if server {
		methods = n.server
	}
	var keys []string
	if n.upTo(5) == 0 {
		ident = fmt.Sprintf("Renamed%d%s", n.upTo(99), ident)
		keys = append(keys, "name: "+ident)
	}
	if n.upTo(4) == 0 {
		ident = fmt.Sprintf("Wild%d%s", n.upTo(99), ident)
		name, keys = "~"+n.one(wild...)+name, []string{"name: " + ident} // no event begins with $
	}
	if methods[ident] || !n.claim(n.prefix+ident, n.prefix+ident+"Ack", n.prefix+ident+"Error") {
		return
	}
	methods[ident] = true
	keys = append(keys, n.carried()...)
	keys = append(keys, n.answered(server)...)
	if n.upTo(2) == 0 {
		keys = append(keys, `doc: "Ends */ in."`, `annotations: { role: admin, audit: true, "a.b": "*/ \"x\"" }`)
	}
	if n.upTo(5) == 0 {
		keys = append(keys, "deprecated: since 1")
	}
	if !server && n.upTo(2) == 0 {
		name += " -> fixedserver"
		keys = append(keys, "to: "+n.one("sender", "others in room", "all in room", "namespace", "others in namespace", "all in lobby", "all in my lobby"))
	}
	n.line(3, `"`+name+`": { `+strings.Join(keys, ", ")+" }")
}

// carried draws a payload, positional arguments or nothing.
func (n *namespace) carried() []string {
	strict := n.one("", "", "unknown: reject")
	var keys []string
	switch n.upTo(4) {
	case 0:
		return nil
	case 1:
		keys = append(keys, "payload: "+n.fields())
	case 2:
		keys = append(keys, "args: "+n.args())
	default:
		t := n.typ()
		keys = append(keys, "payload: "+quoted(t+n.null(t)))
	}
	if strict != "" {
		keys = append(keys, strict)
	}
	return keys
}

// args draws positional arguments, the optional ones behind the others.
func (n *namespace) args() string {
	var list []string
	for i := range 1 + n.upTo(2) {
		t := n.typ()
		list = append(list, n.one(quoted(t+n.null(t)), fmt.Sprintf("{ name: y%d, type: %s%s }", i, n.constrained(), n.docs())))
	}
	for range n.upTo(2) {
		list = append(list, n.one(quoted("optional "+n.typ()), "{ type: "+n.withDefault()+" }"))
	}
	return "[ " + strings.Join(list, ", ") + " ]"
}

// answered draws an ack with its timeout, or how an event without one is delivered.
func (n *namespace) answered(server bool) []string {
	var keys []string
	ack := n.upTo(4)
	switch {
	case ack == 0:
		keys = append(keys, "ack: none")
	case ack == 1:
		keys = append(keys, "ack: "+n.fields())
	case ack == 2:
		t := n.typ()
		keys = append(keys, "ack: "+quoted(t+n.null(t)))
	case ack == 3 && !server:
		keys = append(keys, fmt.Sprintf("ack: { type: %q, plain: true }", n.typ()))
	default:
		ack = -1
		if n.flip() {
			keys = append(keys, "volatile: true")
		}
		if server && n.flip() {
			keys = append(keys, "slow: "+n.one("drop", "latest", "close"))
		}
	}
	switch {
	case server && ack < 0 && n.flip():
		keys = append(keys, "to: "+n.one("[room]", "[socket, lobby]", "namespace", "[lobby, other, my lobby]"))
	case server && ack >= 0:
		keys = append(keys, n.one("to: socket", "to: [socket, room], timeout: 1m30s", "timeout: 500ms", "to: namespace, timeout: 10s"))
	case !server:
		if ack >= 0 && n.flip() {
			keys = append(keys, "timeout: 2s")
		}
		keys = append(keys, n.one("errors: []", "errors: ["+n.codes[0]+"]", "rate: 20/s", "rate: 100/m, errors: ["+n.one(n.codes...)+"]"))
		if last := len(keys) - 1; n.key != "" && strings.HasPrefix(keys[last], "rate: ") && n.flip() {
			keys[last] = "rate: { limit: 7/m, by: " + n.key + " }"
		}
	}
	return keys
}
