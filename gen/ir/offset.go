// SPDX-License-Identifier: Apache-2.0

package ir

// CarriesOffset tells whether a server that recovers connections appends an offset to
// the arguments of e: not where an ack is asked for, nor where the event may be lost.
// One call alone may make an event volatile, and append none after all.
func (e *Event) CarriesOffset() bool { return e.Ack == nil && !e.Volatile }

// MayEndInOffset tells whether an offset may stand where an argument is absent, so
// that whoever sends e must keep the place and whoever receives it must look.
func (e *Event) MayEndInOffset() bool {
	if !e.CarriesOffset() {
		return false
	}
	fields := e.Arguments()
	return len(fields) > 0 && fields[len(fields)-1].Optional
}

// Arguments returns the fields of an event whose payload travels as several arguments,
// else nil.
func (e *Event) Arguments() []*Field {
	if !e.Positional || e.Payload == nil {
		return nil
	}
	return e.Payload.Ref.Fields
}
