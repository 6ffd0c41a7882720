// SPDX-License-Identifier: Apache-2.0

// Package eiowire turns Engine.IO revision 4 packets into bytes and back.
//
// A packet travels in one of three shapes. A text frame on WebSocket is the
// packet's type character and its data: "4hello". A binary frame on WebSocket
// is a message and nothing else, so it needs no code here. A polling payload is
// a list of text packets joined by [Separator]; a binary message in it is "b"
// and base64: "4hello\x1ebAQID". [Parse] and [Append] read and write one text
// packet, [Packets] walks a payload.
//
// Base64 is read leniently, because clients in the field differ: padding may be
// missing and both alphabets are understood. Any other character is an
// error, where the reference server skips it.
package eiowire
