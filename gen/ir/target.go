// SPDX-License-Identifier: Apache-2.0

package ir

// A Target is a language that documents are rendered in. It says which names its files
// need themselves, so that package check can tell the schema's author before anything is
// rendered.
type Target interface {
	// Names returns them for a document of which nothing is known but its namespaces, and
	// of these no more than path and prefix.
	Names(doc *Document) Names
}

// Names are what a [Target] needs for itself.
type Names struct {
	Claims  []Claim
	Members []string // of each struct that it generates

	// What no event of a client, or of the server, can be called, with what has the name.
	ClientEvents, ServerEvents map[string]string
}

// A Claim is an identifier that a file declares whatever the schema says.
type Claim struct {
	Scope     string // where it is declared; "" is where the schema's own types are
	Ident     string
	Namespace *Namespace // that it is for; nil when it is for the document
}

// An Around is what identifiers of a namespace have around its prefix.
type Around struct{ Before, After string }

// Around returns the claims of identifiers around the prefix of each namespace.
func (d *Document) Around(scope string, list []Around) []Claim {
	var claims []Claim
	for _, ns := range d.Namespaces {
		for _, a := range list {
			claims = append(claims, Claim{Scope: scope, Ident: a.Before + ns.Prefix + a.After, Namespace: ns})
		}
	}
	return claims
}
